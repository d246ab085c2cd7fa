/** Failures of plugins; part of the catalogue in `core/errors.ts`. */
export const pluginErrors = {
  manifest_invalid: {
    status: 422,
    message: 'plugin.json cannot be used: {problems}.',
    remedy: 'Correct plugin.json; core/host/plugin.schema.json describes it.',
  },
  plugin_incompatible: {
    status: 422,
    message: 'Plugin {plugin} {version} accepts Slateboard {range}; this is {productVersion}.',
    remedy:
      'Install a version of the plugin made for this Slateboard, or widen engines.slateboard.',
  },
  plugin_digest_mismatch: {
    status: 409,
    message: 'The stored bytes of {plugin} {version} are not those that were installed ({digest}).',
    remedy:
      'It is not loaded. Find out who changed the database, and install the version again from its package.',
  },
  plugin_integrity_broken: {
    status: 422,
    message: 'The package does not agree with its integrity.json: {file} {reason}.',
    remedy:
      'Fetch the package again from its publisher; if it comes the same way, do not install it.',
  },
  plugin_signature_invalid: {
    status: 422,
    message: 'The signature of the package is not valid: {reason}.',
    remedy:
      'Fetch the package again from its publisher; if it comes the same way, do not install it.',
  },
  plugin_state_refused: {
    status: 409,
    message: 'Plugin {plugin} is {state} and cannot be {wanted}.',
    remedy: '{remedy}',
  },
  plugin_nothing_waits: {
    status: 409,
    message: 'No version of {plugin} waits for approval.',
    remedy: 'Look with `slateboard plugin show {plugin}`; somebody may have decided already.',
  },
  plugin_overtaken: {
    status: 409,
    message: 'Another version of {plugin} was installed, or asked for, meanwhile.',
    remedy: 'Look at what stands now with `slateboard plugin show {plugin}`, and decide again.',
  },
  plugin_no_previous: {
    status: 409,
    message: 'No version of {plugin} was in service before this one.',
    remedy:
      'Install the version that is to run; `slateboard plugin pause {plugin}` stops it meanwhile.',
  },
  plugin_taken_back: {
    status: 409,
    message: 'The platform took the newer version of {plugin} back already: {reason}',
    remedy:
      'The version before runs. To try the newer one once more, install it again; to go back further, repeat this in a minute.',
  },
  plugin_canary_refused: {
    status: 409,
    message: '{plugin} {version} cannot run beside the version in service: {reason}.',
    remedy: 'Roll it out whole: install it without a canary share.',
  },
  plugin_no_canary: {
    status: 409,
    message: 'No version of {plugin} runs on a share of the profiles.',
    remedy:
      'Look with `slateboard plugin show {plugin}`; begin with `slateboard plugin install <folder> --canary 10`.',
  },
  plugin_own_approval: {
    status: 403,
    message: '{principal} asked for this version of {plugin}, which touches personal data.',
    remedy: 'Have somebody else approve it.',
  },
  plugin_trust_low: {
    status: 403,
    message:
      'Plugin {plugin} is trusted as {trust}, and uses {capabilities}, which takes {needed}.',
    remedy:
      'Have an administrator approve it, add its publisher with `slateboard plugin publisher add`, or set the level with `slateboard plugin trust`.',
  },
  plugin_being_purged: {
    status: 409,
    message: 'What {plugin} left is being deleted.',
    remedy: 'Wait until `slateboard plugin show {plugin}` says that it is purged.',
  },
  plugin_file_refused: {
    status: 422,
    message: 'The plugin file {file} is refused: {reason}.',
    remedy:
      'A plugin is a folder of plain files with plugin.json on top; mend the file and try again.',
  },
  plugin_import_refused: {
    status: 422,
    message: 'The plugin imports "{specifier}" in {file}.',
    remedy:
      'Import slateboard/plugin and files of the plugin folder only; bundle other code into main. Built-ins that compute, such as node:crypto, need tier process in plugin.json.',
  },
  plugin_bundle_failed: {
    status: 422,
    message: 'The plugin code does not compile: {reason}.',
    remedy: 'Mend the code at the place named and try again.',
  },
  plugin_load_failed: {
    status: 422,
    message: 'Plugin {plugin} does not load: {reason}.',
    remedy:
      'Try it with `slateboard plugin try <folder>`; main must export definePlugin({ agents }).',
  },
  plugin_self_test_failed: {
    status: 422,
    message: 'Plugin {plugin} {version} does not pass its own test: {reason}.',
    remedy:
      'It was not installed, and the version in service goes on. Mend what its selfTest found; `slateboard plugin try <folder>` runs it too.',
  },
  doctor_found: {
    status: 500,
    message: '{found} of {of} checks failed.',
    remedy: 'Do what the lines above say and run it again.',
  },
  plugin_tier_refused: {
    status: 403,
    message:
      'Plugin {plugin} wants the tier {tier}, which runs inside the server, and nobody vouches for {digest}.',
    remedy:
      'Set tier to sandbox or process in plugin.json; or name the digest in SLATEBOARD_TRUSTED_PLUGINS and start again.',
  },
  plugin_not_loaded: {
    status: 404,
    message: 'No plugin is loaded under {plugin}.',
    remedy: 'Load the plugin first; it may have been removed or replaced.',
  },
  plugin_already_loaded: {
    status: 409,
    message: 'A plugin is already loaded under {plugin}.',
    remedy: 'Load the new version under a key of its own and unload the old one afterwards.',
  },
  agent_unknown: {
    status: 404,
    message: 'Plugin {plugin} has no agent {agent}.',
    remedy: 'Use an agent id from its plugin.json.',
  },
  agent_not_in_service: {
    status: 404,
    message: 'No plugin in service has an agent {agent}.',
    remedy: 'Write it as plugin/agent; `slateboard plugin list` names those that there are.',
  },
  agent_not_running: {
    status: 409,
    message: 'Agent {agent} does not run: its plugin is {state}.',
    remedy: 'See why with `slateboard plugin show {plugin}`; once it runs again, repeat this.',
  },
  plugin_threw: {
    status: 502,
    message: '{plugin}/{agent} threw: {reason}.',
    remedy: 'Mend the handler; the same input reproduces it in a trial.',
  },
  plugin_result_invalid: {
    status: 502,
    message: '{plugin}/{agent} returned something unusable: {reason}.',
    remedy:
      'Return done(), snooze() or cancel() from slateboard/plugin with JSON values of at most 64 KB.',
  },
  plugin_timeout: {
    status: 504,
    message: '{plugin}/{agent} did not finish within {timeoutMs} ms.',
    remedy:
      'Do less per call or raise timeoutMs (up to 1000); a promise must settle without outside help.',
  },
  plugin_out_of_memory: {
    status: 502,
    message: '{plugin}/{agent} used more than {memoryMb} MB.',
    remedy: 'Keep less in memory; the plugin was started afresh.',
  },
  plugin_not_run: {
    status: 503,
    message:
      '{plugin}/{agent} was not run on this item: too many others of its batch hung or used up memory.',
    remedy: 'Nothing was committed for it; it will be tried again.',
  },
  cell_lost: {
    status: 503,
    message: 'The sandbox process that ran {plugin}/{agent} ended: {reason}.',
    remedy: 'Nothing was committed; it is restarted by itself and the call can be repeated.',
  },
  sandbox_unavailable: {
    status: 503,
    message: 'The plugin sandbox does not start: {reason}.',
    remedy:
      'Run `slateboard doctor`; Node 26 and a prebuilt isolated-vm for this platform are needed.',
  },
  host_closed: {
    status: 503,
    message: 'The plugin host is closed.',
    remedy: 'The process is stopping; send the call to another node or after the restart.',
  },
  effect_not_declared: {
    status: 502,
    message: '{plugin}/{agent} is not declared to {effect}.',
    remedy:
      'Declare it in plugin.json (writes, proposes, holds, network) and have the change approved.',
  },
  plugin_handle_misplaced: {
    status: 502,
    message: '{plugin}/{agent} put a handle of personal data into {place}.',
    remedy:
      'A handle counts in ctx.fetch of the same call alone. For an activation, name the trait in fields.',
  },
  trait_value_invalid: {
    status: 502,
    message: '{plugin}/{agent} wrote a value for {key} that its schema refuses: {reason}.',
    remedy: 'Return a value that fits traits[].schema in plugin.json, or correct the schema.',
  },
  fixture_invalid: {
    status: 422,
    message: 'The fixture {file} cannot be used: {reason}.',
    remedy:
      'A fixture is { agent, traits, causes, now, person, expect }; see the ones that `slateboard plugin new` writes.',
  },
  fixture_differs: {
    status: 422,
    message: 'The answers to {fixtures} are not the recorded ones.',
    remedy: 'Mend the plugin, or take the answers of now with --record.',
  },
  fixture_missing: {
    status: 422,
    message: 'There are no fixtures in {folder}.',
    remedy: 'Put an input for an agent into fixtures/<name>.json.',
  },
  plugin_key_invalid: {
    status: 422,
    message: 'The key cannot sign a plugin: {reason}.',
    remedy: 'Make an Ed25519 key with: openssl genpkey -algorithm ed25519 -out publisher.pem',
  },
  plugin_name_taken: {
    status: 409,
    message: 'There is something at {path} already.',
    remedy: 'Choose another name, or another place with --folder.',
  },
  plugin_name_invalid: {
    status: 422,
    message: '"{name}" cannot be the id of a plugin.',
    remedy: 'Use kebab-case of at most 60 characters, such as first-order.',
  },
  plugin_state_unfit: {
    status: 502,
    message: '{plugin}/{agent} returned state that is refused: {reason}.',
    remedy: 'Keep plain JSON of at most 16 levels under each declared key.',
  },
  plugin_state_profile_full: {
    status: 502,
    message:
      '{plugin}/{agent} would keep {bytes} bytes for one profile; the quota is {quota} and {used} are in use.',
    remedy: 'Keep less for each profile: drop keys by writing null, or keep a summary.',
  },
  plugin_state_full: {
    status: 502,
    message:
      'Plugin {plugin} would keep {bytes} bytes of its own; the quota is {quota} and {used} are in use.',
    remedy: 'Drop keys by writing null, or keep what belongs to profiles with the profiles.',
  },
  plugin_state_newer: {
    status: 409,
    message:
      'State of plugin {plugin} was written as version {stored}; the plugin version in service knows {known}.',
    remedy:
      'Nothing is lost and its reactions wait. Put a plugin version back into service that knows this state.',
  },
  plugin_state_not_migrated: {
    status: 502,
    message: 'Plugin {plugin} did not migrate its state from version {from}: {reason}.',
    remedy: 'The old state stays as it was. Mend migrate() and install the plugin again.',
  },
  plugin_config_invalid: {
    status: 400,
    message: 'The config of plugin {plugin} is not usable at {key}: {reason}.',
    remedy: '`slateboard plugin config {plugin}` shows the keys, what they take and what is set.',
  },
  plugin_config_refused: {
    status: 409,
    message:
      'Version {version} of plugin {plugin} refuses the config that is set at {key}: {reason}.',
    remedy:
      'Change the config first, with `slateboard plugin config`, or give a new key a default in the new version.',
  },
  plugin_not_configured: {
    status: 409,
    message: 'Plugin {plugin} waits for its config at {key}: {reason}.',
    remedy:
      'Set it with `slateboard plugin config {plugin} --set key=value` (or --secret NAME=value).',
  },
  trial_input_undeclared: {
    status: 422,
    message: 'The trial gives {plugin}/{agent} {input}, which it does not declare to read.',
    remedy:
      'Add it to reads in plugin.json, or leave it out: in production the agent would not see it.',
  },
} as const
