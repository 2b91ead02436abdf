# shellcheck shell=sh
# The options of the Java virtual machine, in one place: sourced by ./pdata, and put into the launcher by build/dist.

# A heap for one processor. Its part for new objects fits into the processor's cache.
memory_options="-XX:+UseSerialGC -Xmn16m -XX:-UsePerfData"

# Sets options for a command: $1, or $2 of pdata_tools. Tools that read metadata and print little end before the code of the
# second compiler has earned the time that it takes to make (docs/decisions/0019). For all others code is compiled ten times
# later than usual: a small job ends before compiled code pays.
choose_options() {
    [ "${1:-}" != pdata_tools ] || shift
    case ${1:-} in
    *_check | thin_delta | thin_ls | thin_rmap | thin_metadata_unpack)
        options="$memory_options -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=2"
        ;;
    *) options="$memory_options -XX:CompileThresholdScaling=10" ;;
    esac
}
