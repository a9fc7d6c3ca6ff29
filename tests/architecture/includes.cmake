# Which folder may include what (ADR 0001). Run with -DROOT=<repository>.

# forbid(consumer/policy "curl/" "policies are pure"): no file below the folder includes a path that
# starts with one of the |-separated patterns.
function(forbid folder pattern why)
  file(GLOB_RECURSE files ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cc)
  foreach(file IN LISTS files)
    file(STRINGS ${file} includes REGEX "^#include [<\"](${pattern})")
    foreach(include IN LISTS includes)
      file(RELATIVE_PATH name ${ROOT} ${file})
      message(SEND_ERROR "${name}: ${include} (${why})")
    endforeach()
  endforeach()
endfunction()

set(libraries "pistache/|librdkafka/|curl/|prometheus/|rapidjson/|yaml-cpp/|sqlite3|openssl/")
set(io "${libraries}|thread>|iostream>|fstream>|sys/|netinet/|unistd|poll|fcntl")

forbid(common          "ingest/|consumer/|ops/" "common knows neither binary")
forbid(ingest          "consumer/|ops/"         "the binaries do not see each other")
forbid(consumer        "ingest/|ops/"           "the binaries do not see each other")

forbid(common/domain   "${io}|common/(json|kafka|telemetry|http|admin|config|runtime)/" "the domain is pure")
forbid(common/http     "librdkafka/|curl/|rapidjson/|common/(kafka|domain|json)/" "the server knows no provider")
forbid(common/kafka    "pistache/|curl/|common/http/" "adapters do not know each other")
forbid(common/json     "pistache/|librdkafka/|curl/|common/(http|kafka)/" "adapters do not know each other")

forbid(ingest/policy     "${io}|common/(http|kafka|telemetry)/|ingest/(acceptance|kafka|http|spool)/" "policies are pure")
forbid(ingest/acceptance "${libraries}|common/(http|kafka)/|ingest/(kafka|http|spool)/" "the core owns its ports")
forbid(ingest/kafka      "pistache/|common/http/|ingest/http/"       "adapters do not know each other")
forbid(ingest/http       "librdkafka/|common/kafka/|ingest/(kafka|spool)/" "adapters do not know each other")
forbid(ingest/spool      "librdkafka/|pistache/|common/(http|kafka)/|ingest/(kafka|http)/" "adapters do not know each other")

forbid(consumer/policy "${io}|common/(http|kafka|telemetry)/|consumer/(state|fetch|lane|http|kafka)/" "policies are pure")
forbid(consumer/state  "${io}|common/(http|kafka|telemetry)/|consumer/(lane|http|kafka)/"   "state is pure")
forbid(consumer/fetch  "curl/|librdkafka/|common/(http|kafka)/|consumer/(lane|http|kafka)/" "the core owns its ports")
forbid(consumer/http   "librdkafka/|common/kafka/|consumer/(kafka|lane)/" "adapters do not know each other")
forbid(consumer/kafka  "curl/|consumer/(http|fetch)/"                "adapters do not know each other")
forbid(consumer/lane   "librdkafka/|curl/"                           "the lane sees its ports, not the libraries")
