#include "tests/soak/poison.h"

#include <rapidjson/document.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "tests/harness/json.h"
#include "tests/harness/process.h"
#include "tests/support/http_client.h"

namespace soak {
namespace {

constexpr std::chrono::milliseconds kPause(300);

std::string BodyOf(const std::string& process_id, std::size_t padding) {
  return R"({"dossierId":"poison","processId":")" + process_id +
         R"(","status":"accepted","padding":")" + std::string(padding, 'x') + "\"}";
}

}  // namespace

void PoisonSender::SendUntil(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wakes;
  std::unique_lock lock(mutex);
  for (int number = 0; !stop.stop_requested(); ++number) {
    const bool is_for_topic = number % 2 == 0;
    const std::string process_id = "poison-" + std::to_string(number);
    const int padding = is_for_topic ? kMostTopicBytes : kMostBytes;
    const auto answer = tests::Post(target_ + (number % 4 < 2 ? "/paper" : "/connect"),
                                    BodyOf(process_id, static_cast<std::size_t>(padding)),
                                    {{"Authorization", tests::Pipeline::kAuthorization}});
    sent_.push_back({process_id, answer.status});
    (void)wakes.wait_for(lock, stop, kPause, [] { return false; });
  }
}

std::vector<PoisonSender::Sent> PoisonSender::Finish() {
  thread_.request_stop();
  thread_.join();
  return std::move(sent_);
}

std::set<std::string> ReadRefusedKeys(const std::string& spool) {
  const auto listed =
      tests::RunProgram(tests::Binary("sluicectl"), {"spool", "list", "--path", spool, "--json"},
                        std::chrono::seconds(60));
  rapidjson::Document json;
  json.Parse(listed.output.data(), listed.output.size());
  if (listed.status != 0 || json.HasParseError() || !json.IsArray()) {
    throw std::runtime_error("sluicectl spool list: " + listed.output + listed.error_output);
  }
  std::set<std::string> keys;
  for (const auto& callback : json.GetArray()) keys.insert(tests::TextIn(callback, "key"));
  return keys;
}

}  // namespace soak
