/** Stands around the answer, because start-up files of the user may print as well. */
export const MARK = "\x01datmo-python\x01";

/**
 * What Python is asked, for versions 2.7 and up. It imports nothing that a module of the project could stand
 * in for: `sys` is built in, `os` and `site` were loaded at start-up, before the folder was on the path.
 * Fields are `key=value`, separated by NUL, in the file system's own bytes.
 */
export const PROBE_SCRIPT = `
import sys
if sys.path[:1] == ['']:
    del sys.path[0]
import os
site = sys.modules.get('site')
fields = []
def put(key, value):
    if value is None:
        return
    if not isinstance(value, bytes):
        value = os.fsencode(value) if hasattr(os, 'fsencode') else value.encode('utf-8')
    fields.append(key.encode('ascii') + b'=' + value)
put('version', sys.version.split()[0])
put('executable', sys.executable)
put('prefix', sys.prefix)
put('basePrefix', getattr(sys, 'base_prefix', getattr(sys, 'real_prefix', sys.prefix)))
put('implementation', getattr(getattr(sys, 'implementation', None), 'name', 'cpython'))
put('platform', sys.platform)
for entry in sys.path:
    put('path', entry)
sites = []
try:
    sites += site.getsitepackages()
except Exception:
    pass
try:
    if site.ENABLE_USER_SITE:
        sites.append(site.getusersitepackages())
except Exception:
    pass
for entry in sites:
    put('site', entry)
stdlib = os.path.dirname(os.path.abspath(os.__file__))
put('stdlib', stdlib)
names = getattr(sys, 'stdlib_module_names', None)
if names is None:
    names = set(sys.builtin_module_names)
    for folder in [stdlib] + [e for e in sys.path if 'lib-dynload' in e or os.path.dirname(e) == stdlib]:
        if os.path.basename(folder) in ('site-packages', 'dist-packages') or not os.path.isdir(folder):
            continue
        for name in os.listdir(folder):
            names.add(name.split('.')[0])
for name in sorted(names):
    put('module', name)
mark = b'${MARK.replaceAll("\x01", "\\x01")}'
data = mark + b'\\0'.join(fields) + mark
sys.stdout.flush()
while data:
    data = data[os.write(1, data):]
`;
