#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/http/service.h"
#include "ingest/http/callback_endpoint.h"
#include "ingest/http/expected_endpoint.h"

namespace ingest {

/// The two routes of the callback port. What is answered before the route is known, and every path
/// but that of announcements, is the callbacks'. So are bytes that a client sends behind an
/// announcement before its answer: they belong to a request whose route is not known.
///
///   tag := the endpoint's, | 2^31 of announcements
class Routes final : public common::http::Service {
 public:
  Routes(CallbackEndpoint& callbacks, ExpectedEndpoint& expected)
      : callbacks_(callbacks), expected_(expected) {}

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  bool MayHold(std::size_t held, std::size_t more, std::optional<std::uint32_t> tag) override {
    return Of(tag).MayHold(held, more, tag);
  }
  void Released(std::size_t bytes, std::optional<std::uint32_t> tag) override {
    Of(tag).Released(bytes, tag);
  }
  void ReceptionEnded(std::uint32_t tag) override { Of(tag).ReceptionEnded(tag); }
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override {
    return Of(tag).Handle(head, body, tag, ticket);
  }
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> tag) override {
    return Of(tag).AnswerFault(fault, tag);
  }
  [[nodiscard]] int StatusOf(common::http::HttpFault fault,
                             std::optional<std::uint32_t> tag) const noexcept override;
  void Answered(const common::http::AnswerReport& report) override {
    Of(report.tag).Answered(report);
  }
  void Abandoned(const common::http::Ticket& ticket) override { callbacks_.Abandoned(ticket); }
  void ClientLeft(std::uint32_t tag) override { Of(tag).ClientLeft(tag); }
  void ConnectionEvicted() override { callbacks_.ConnectionEvicted(); }
  void Met(common::http::ForeignProtocol protocol) override { callbacks_.Met(protocol); }

 private:
  static constexpr std::uint32_t kExpected = std::uint32_t{1} << 31U;

  static bool IsExpected(std::optional<std::uint32_t> tag) {
    return tag && (*tag & kExpected) != 0;
  }
  [[nodiscard]] common::http::Service& Of(std::optional<std::uint32_t> tag);

  CallbackEndpoint& callbacks_;
  ExpectedEndpoint& expected_;
};

}  // namespace ingest
