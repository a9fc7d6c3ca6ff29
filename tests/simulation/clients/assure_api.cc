#include "tests/simulation/clients/assure_api.h"

#include <utility>

namespace simulation {
namespace {

using consumer::HttpReply;
using consumer::HttpRequest;
using consumer::TransportFault;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kBigBytes = 7'000;

/// The segment behind `name` in the path, up to the next slash.
std::string SegmentAfter(const std::string& url, const std::string& name) {
  const std::size_t at = url.find(name);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size();
  return url.substr(begin, url.find('/', begin) - begin);
}

}  // namespace

Span AssureApi::Delay() {
  if (random_.Chance(faults.slow)) return random_.Between(seconds(1), seconds(15));
  if (random_.Chance(faults.slow_answers)) return random_.Between(milliseconds(300), seconds(4));
  return random_.Between(milliseconds(2), milliseconds(80));
}

HttpReply AssureApi::Answer(const HttpRequest& request, Time now) {
  HttpReply reply;
  reply.id = request.id;
  const bool is_token = request.method == "POST";
  if (is_token ? faults.is_token_down : faults.is_down) {
    reply.fault = TransportFault::kConnect;
    return reply;
  }
  reply.status = 200;
  reply.content_type = "application/json";
  if (is_token) {
    reply.body = R"({"access_token":"t","token_type":"Bearer","expires_in":300})";
    return reply;
  }
  const std::string dossier = SegmentAfter(request.url, "/dossiers/");
  const std::string process = SegmentAfter(request.url, "/processes/");
  const char last = process.empty() ? '0' : process.back();
  if (random_.Chance(faults.error)) {
    reply.status = 500;
  } else if (random_.Chance(faults.foreign)) {
    reply.body = R"({"dossierId":"somebody","processId":"else","status":"accepted"})";
  } else if (last == kMissing) {
    reply.status = 404;
  } else if (last == kRefused) {
    reply.status = 400;
  } else if (process.empty()) {
    reply.body = R"({"dossierId":")" + dossier + "\"}";
  } else {
    const auto finish = finishes.find(process);
    const bool is_finished = finish == finishes.end() || finish->second.at <= now;
    reply.body = R"({"dossierId":")" + dossier + R"(","processId":")" + process +
                 R"(","status":")" + (is_finished ? "accepted" : "pending") + '"';
    if (finish != finishes.end()) {
      reply.body += R"(,"updatedAt":")" + finish->second.updated_at + '"';
    }
    if (has_big_documents && last == kBig) {
      reply.body += R"(,"more":")" + std::string(kBigBytes, 'x') + '"';
    }
    reply.body += '}';
  }
  return reply;
}

ModelTransport::ModelTransport(Runtime& runtime, Host& host, AssureApi& api,
                               std::function<void()> wake)
    : runtime_(runtime), host_(host), api_(api), wake_(std::move(wake)) {}

ModelTransport::~ModelTransport() { *is_alive_ = false; }

void ModelTransport::Start(HttpRequest request) {
  const std::uint64_t start = ++starts_;
  under_way_[request.id] = start;
  const Span delay = api_.Delay();
  const bool is_late = delay >= request.timeout;
  runtime_.After(is_late ? Span(request.timeout) : delay,
                 [this, start, is_late, request = std::move(request), is_alive = is_alive_] {
                   if (!*is_alive || host_.is_dead) return;
                   const auto found = under_way_.find(request.id);
                   if (found == under_way_.end() || found->second != start) return;
                   under_way_.erase(found);
                   HttpReply reply;
                   if (is_late) {
                     reply.id = request.id;
                     reply.fault = TransportFault::kTimeout;
                   } else {
                     reply = api_.Answer(request, runtime_.now());
                   }
                   replies_.push_back(std::move(reply));
                   wake_();
                 });
}

std::vector<HttpReply> ModelTransport::Collect() { return std::exchange(replies_, {}); }

}  // namespace simulation
