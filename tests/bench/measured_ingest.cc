#include "tests/bench/measured_ingest.h"

#include <fstream>
#include <stdexcept>

#include "tests/support/http_client.h"
#include "tests/support/wait_until.h"

namespace bench {
namespace {

constexpr std::chrono::seconds kLimit(20);

std::string Configuration(const std::string& file, const Target& target) {
  return "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ndrain_delay: 0ms\n"
         "kafka: { bootstrap.servers: \"" +
         target.bootstrap + "\" }\ntopics: { callbacks: " + target.topic +
         " }\nspool: { path: " + file + ".db, min_free_disk: 64MiB }\n" +
         "providers:\n  eid: { authorization_file: " + file + ".secret }\n" +
         "  events: { kind: events, signature: { header: X-Signature, secrets: [" +
         MeasuredIngest::kSigningSecret +
         "] }, extract: { dossierId: /dossierId, processId: /processId, status: /status } }\n";
}

}  // namespace

void CreateTopics(const Bench& bench, const std::string& bootstrap, const std::string& prefix,
                  int partitions) {
  (void)bench.Run("bench-records", {"topics", bootstrap, prefix, std::to_string(partitions)});
}

MeasuredIngest::MeasuredIngest(const Bench& bench, const std::string& name, const Target& target) {
  const std::string file = bench.directory() / name;
  std::ofstream(file + ".secret") << kAuthorization << '\n';
  std::ofstream(file + ".yaml") << Configuration(file, target);
  process_ = bench.Start(name, "ingest", {"--config", file + ".yaml"});
  port_ = static_cast<int>(Bench::AwaitNumber(*process_, "port"));
  const std::string url =
      "http://127.0.0.1:" + std::to_string(Bench::AwaitNumber(*process_, "admin_port")) + "/readyz";
  if (!tests::WaitUntil([&] { return tests::Get(url).status == 200; }, kLimit)) {
    throw std::runtime_error("ingest is not ready: " + process_->Describe());
  }
}

MeasuredIngest::~MeasuredIngest() { (void)process_->Terminate(kLimit); }

}  // namespace bench
