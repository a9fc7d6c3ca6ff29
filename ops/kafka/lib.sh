# Shared by fetch, start and stop: sourced, never run.
# shellcheck shell=bash source=ops/lib.sh disable=SC2034
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

kafka=$project/ops/kafka
kafka_version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$kafka/pom.xml")
kafka_home=$project/build/kafka/$kafka_version
kafka_java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# A small broker that starts fast, for development and tests, not for production.
kafka_jvm=(-Xms128m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djava.awt.headless=true
  "-Dlog4j2.configurationFile=file:$kafka/log4j2.properties")

# The order is fixed, because an archive of classes works only with the class path it was made with.
kafka_class_path() { printf '%s\n' "$kafka_home"/lib/*.jar | LC_ALL=C sort | paste -sd:; }

# node_pid DIR N: prints the process id if node N of this directory is running. Ignores a pid that
# another process has taken over.
node_pid() {
  local pid
  pid=$(cat "$1/node-$2.pid" 2>/dev/null) && [[ $pid ]] || return 1
  { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null |
    grep -qxF "$1/node-$2.properties" || return 1
  echo "$pid"
}

# node_port DIR N: prints the port of node N's broker.
node_port() { sed -n 's/^listeners=PLAINTEXT:[^:]*:\([0-9]*\),.*/\1/p' "$1/node-$2.properties"; }

# lock FILE SECONDS: excludes other processes until the script ends. Children must not inherit fd 9.
lock() {
  exec 9>"$1"
  flock -w "$2" 9 || die "another process holds $1"
}
