/**
 * Names that clients give to special categories of personal data, GDPR Art. 9(1), in English and in the
 * larger languages of the places whose law we know; compared without case, `_`, `-` and spaces. What is also a
 * harmless word for something else (orientation of a device, fingerprint of a browser) is left out: an officer
 * classifies it.
 */
const named = {
  health: `health healthcondition healthstatus healthdata diagnosis diagnoses disability disabilities
    medicalcondition medicalhistory medicalrecord medication medications prescription allergy allergies
    bloodtype bloodgroup pregnant pregnancy pregnancyduedate symptoms mentalhealth hiv hivstatus vaccination
    vaccinationstatus disease illness
    gesundheit krankheit diagnose behinderung schwanger medikamente allergien blutgruppe
    santé sante maladie handicap diagnostic grossesse enceinte salud enfermedad discapacidad diagnóstico
    diagnostico embarazo saúde saude doença doenca deficiência deficiencia gravidez salute malattia disabilità
    disabilita gezondheid ziekte`,
  religion: `religion religiousbelief religiousbeliefs faith denomination religiousaffiliation
    philosophicalbelief philosophicalbeliefs
    konfession religionszugehörigkeit religionszugehoerigkeit glaube religión religião religiao religione
    godsdienst`,
  politics: `politicalopinion politicalopinions politicalparty politicalaffiliation politicalview politicalviews
    partymembership voterregistration politischemeinung parteizugehörigkeit parteizugehoerigkeit partei
    opinionpolitique opinionespolitique opiniónpolítica opinionpolitica opiniãopolítica opiniaopolitica
    opinionepolitica`,
  union: `tradeunion tradeunionmembership unionmember unionmembership gewerkschaft
    gewerkschaftsmitglied gewerkschaftszugehörigkeit syndicat sindicato sindacato vakbond`,
  orientation: `sexualorientation sexuality sexualpreference sexlife sexuelleorientierung
    orientationsexuelle orientaciónsexual orientacionsexual orientaçãosexual orientacaosexual
    orientamentosessuale seksuelegeaardheid`,
  ethnicity: `ethnicity ethnicorigin ethnicgroup race racialorigin skincolor skincolour caste ethnie
    ethnischeherkunft hautfarbe origineethnique etnia origenétnico origenetnico origemétnica origemetnica raza
    raça raca razza etniciteit`,
  biometric: `biometric biometrics biometricdata biometrictemplate faceprint facetemplate voiceprint
    irisscan retinascan fingerprintscan fingerprinttemplate biometrie`,
  genetic: `genetic genetics geneticdata genetictest dna dnasequence genome genotype genetik adn genética
    genetica`,
}

export const specialNames: ReadonlySet<string> = new Set(
  Object.values(named).flatMap((words) => words.split(/\s+/)),
)
