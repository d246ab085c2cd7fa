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
  doctor_found: {
    status: 500,
    message: '{found} of {of} checks failed.',
    remedy: 'Do what the lines above say and run it again.',
  },
  plugin_tier_refused: {
    status: 403,
    message: 'Plugin {plugin} wants the tier {tier}, which is for plugins that Slateboard signed.',
    remedy: 'Set tier to sandbox or process in plugin.json, or leave it out.',
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
  trial_input_undeclared: {
    status: 422,
    message: 'The trial gives {plugin}/{agent} {input}, which it does not declare to read.',
    remedy:
      'Add it to reads in plugin.json, or leave it out: in production the agent would not see it.',
  },
} as const
