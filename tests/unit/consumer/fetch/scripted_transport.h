#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "consumer/fetch/http_transport.h"

namespace consumer {

/// A transport that sends nothing: the test sees the requests in flight and answers them.
class ScriptedTransport final : public HttpTransport {
 public:
  void Start(HttpRequest request) override {
    log_.push_back(request.url);
    under_way_.push_back(std::move(request));
  }
  void Cancel(std::uint64_t id) override {
    cancelled_.push_back(id);
    Remove(id);
  }
  void CloseConnection(std::uint64_t connection) override { closed_.push_back(connection); }
  std::vector<HttpReply> Collect() override { return std::exchange(replies_, {}); }

  [[nodiscard]] const std::vector<HttpRequest>& under_way() const { return under_way_; }
  [[nodiscard]] const std::vector<std::uint64_t>& cancelled() const { return cancelled_; }
  [[nodiscard]] const std::vector<std::uint64_t>& closed() const { return closed_; }
  /// Every URL ever requested, in order.
  [[nodiscard]] const std::vector<std::string>& log() const { return log_; }

  [[nodiscard]] std::size_t CountUnderWay(const std::string& suffix) const {
    return static_cast<std::size_t>(
        std::count_if(under_way_.begin(), under_way_.end(),
                      [&](const auto& request) { return request.url.ends_with(suffix); }));
  }
  [[nodiscard]] std::size_t CountAsked(const std::string& suffix) const {
    return static_cast<std::size_t>(std::count_if(
        log_.begin(), log_.end(), [&](const auto& url) { return url.ends_with(suffix); }));
  }

  /// Answers a request in flight, identified by its position.
  void Answer(std::size_t which, HttpReply reply) {
    reply.id = under_way_.at(which).id;
    Remove(reply.id);
    replies_.push_back(std::move(reply));
  }

 private:
  void Remove(std::uint64_t id) {
    std::erase_if(under_way_, [id](const auto& request) { return request.id == id; });
  }

  std::vector<HttpRequest> under_way_;
  std::vector<HttpReply> replies_;
  std::vector<std::uint64_t> cancelled_;
  std::vector<std::uint64_t> closed_;
  std::vector<std::string> log_;
};

}  // namespace consumer
