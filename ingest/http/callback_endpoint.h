#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/provider_rules.h"
#include "common/http/message.h"
#include "common/http/service.h"
#include "ingest/acceptance/acceptance.h"
#include "ingest/acceptance/request_ids.h"
#include "ingest/credentials.h"
#include "ingest/policy/answer.h"
#include "ingest/policy/shedding.h"
#include "ingest/policy/unverified_bodies.h"

namespace ingest {

class RequestEvents;
class RequestTraces;

/// Builds the answer for a situation; no other function sets a status of the callback port. `id`
/// names the record of an accepted callback and is empty otherwise.
[[nodiscard]] common::http::Answer ToAnswer(Situation situation, const common::ProviderRow& row,
                                            const RequestId& id = {});

/// The route POST <prefix>/{provider}.
///
/// Admit() decides on the head alone, so that a request without a valid secret costs no buffer:
/// prefix, then method, then authorization. A signature covers the body, so Handle() judges it. A
/// row that asks for nothing else, or for nothing at all, must take bodies from anybody: they have
/// a budget of their own while they come, and take no room from others.
///
/// Bytes of other requests still being received count against the load bounds like requests in
/// flight: an incomplete body in its row's class, an incomplete head in the cheapest class to
/// refuse.
///
///   tag := row
class CallbackEndpoint final : public common::http::Service {
 public:
  /// `unverified`: the bytes that bodies of unknown senders may hold together. `traces`: none if
  /// requests are not traced.
  CallbackEndpoint(std::string path_prefix, const common::ProviderTable& providers,
                   const CredentialStore& credentials, Acceptance& acceptance,
                   RequestEvents& events, std::size_t unverified, RequestTraces* traces = nullptr);

  common::http::Admission Admit(const common::http::RequestHead& head) override;
  bool MayHold(std::size_t held, std::size_t more, std::optional<std::uint32_t> tag) override;
  void Released(std::size_t bytes, std::optional<std::uint32_t> tag) override;
  std::optional<common::http::Answer> Handle(const common::http::RequestHead& head,
                                             std::string_view body, std::uint32_t tag,
                                             const common::http::Ticket& ticket) override;
  common::http::Answer AnswerFault(common::http::HttpFault fault,
                                   std::optional<std::uint32_t> tag) override;
  [[nodiscard]] int StatusOf(common::http::HttpFault fault,
                             std::optional<std::uint32_t> tag) const noexcept override;
  void Answered(const common::http::AnswerReport& report) override;
  void Abandoned(const common::http::Ticket& ticket) override;
  void ClientLeft(std::uint32_t tag) override;
  void ConnectionEvicted() override;
  void Met(common::http::ForeignProtocol protocol) override;

 private:
  /// nullopt: the row asks for no signature, or it is right.
  std::optional<Situation> JudgeSignature(const common::http::RequestHead& head,
                                          std::string_view body, common::ProviderTable::Index row);
  [[nodiscard]] bool IsFromAnybody(std::optional<std::uint32_t> tag) const {
    return tag && !knows_sender_[*tag];
  }
  [[nodiscard]] RefusalCost CostOf(std::optional<std::uint32_t> tag) const {
    return tag ? CostOfRefusing(providers_[*tag]) : RefusalCost::kUnjudged;
  }

  const std::string path_prefix_;
  const common::ProviderTable& providers_;
  const CredentialStore& credentials_;
  Acceptance& acceptance_;
  RequestEvents& events_;
  const std::vector<bool> knows_sender_;  ///< By row; a reload of the secrets keeps it.
  UnverifiedBodies unverified_;
  RequestTraces* const traces_;
};

}  // namespace ingest
