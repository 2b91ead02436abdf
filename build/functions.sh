# shellcheck shell=sh
# What the scripts share; to be sourced. A function that finds something missing ends the script, and says what to do.

needed=25

fail() {
    echo "$0: $*" >&2
    exit 70
}

# Prints the major version of the Java home $1, nothing if there is no JDK.
version_of() {
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] &&
        sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

suits() {
    found=$(version_of "$1")
    [ -n "$found" ] && [ "$found" -ge "$needed" ] && [ -x "$1/bin/javac" ]
}

# Sets java_home to the first suitable JDK.
find_java() {
    on_path=$(command -v java || true)
    while [ -h "$on_path" ]; do
        target=$(readlink "$on_path")
        case $target in
        /*) on_path=$target ;;
        *) on_path=$(dirname "$on_path")/$target ;;
        esac
    done
    for java_home in "${JAVA_HOME:-}" "${on_path%/bin/java}" /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
        "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        if [ -n "$java_home" ] && suits "$java_home"; then
            return
        fi
    done
    fail "needs a JDK $needed or later, and found none in JAVA_HOME, on the PATH or in the usual folders.
Install one, for example from https://adoptium.net/temurin/releases/?version=$needed, and set JAVA_HOME to its folder."
}

# Makes sure that module $1 has been packaged, into folder $2.
need_built() {
    [ -d "$2" ] || fail "is not built yet: ./mvnw -q -pl $1 -am package -DskipTests"
}
