# shellcheck shell=sh
# Prepares the start of the Java virtual machine in an unusual environment; to be sourced. Sets
# $limits to options, and fails with a message and status 71 where the virtual machine could not start.

# A closed descriptor would be given to the next file that is opened, which output and errors would then be written to.
{ true 9<&0; } 2>/dev/null || exec </dev/null
{ true 9>&1; } 2>/dev/null || exec >/dev/null
{ true 9>&2; } 2>/dev/null || exec 2>/dev/null

# The virtual machine reports on standard error that it has taken options from these; PDATA_JAVA is for that.
unset JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS JDK_AOT_VM_OPTIONS

# Names of files are UTF-8 whatever the language is.
LC_ALL=C.UTF-8
export LC_ALL

# No report of a crash in the working directory; the virtual machine's own messages go to standard error.
limits="-XX:ErrorFile=/dev/null -XX:-CreateCoredumpOnCrash -XX:+DisplayVMOutputToStderr"

# The virtual machine does not start in a working directory that has been deleted. The program then refuses relative paths.
if ! [ -e "$PWD" ]; then
    cd / && limits="$limits -Dpdata.nowhere=true"
fi

# The usual reserves of address space, over 3 GiB, are hardly used.
space=$(ulimit -v)
if [ "$space" != unlimited ]; then
    if [ "$space" -lt 1000000 ]; then
        echo "pdata: the limit of address space is too low for the Java virtual machine: ulimit -v says $space KiB, and 1000000 are needed" >&2
        exit 71
    fi
    limits="$limits -XX:CompressedClassSpaceSize=32m -XX:ReservedCodeCacheSize=32m"
    [ "$space" -ge 4000000 ] || limits="$limits -Xmx$((space / 8))k"
fi
