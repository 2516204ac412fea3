#include <gcc-plugin.h>
#include <plugin-version.h>
#include <stdio.h>
int plugin_is_GPL_compatible;
static void finish(void *, void *) { fputs("plugin was here\n", stderr); }
int plugin_init(struct plugin_name_args *info, struct plugin_gcc_version *version) {
    if (!plugin_default_version_check(version, &gcc_version)) return 1;
    register_callback(info->base_name, PLUGIN_FINISH, finish, NULL);
    return 0;
}
