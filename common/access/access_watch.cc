#include "common/access/access_watch.h"

#include "common/access/passing_fault.h"

namespace common::access {
namespace {

using Kind = AccessTrouble::Kind;

/// Brokers come and go under new names.
constexpr std::size_t kMostReported = 200;

/// "3/3 brokers are down" says less than what each of them said.
bool TellsWhy(std::string_view code) {
  return code == "FAIL" || code == "_TRANSPORT" || code == "_RESOLVE";
}

}  // namespace

std::optional<AccessTrouble> AccessWatch::Heard(std::string_view code, std::string_view text,
                                                TimePoint now) {
  std::optional<AccessTrouble> trouble = FindAccessTrouble(code, text);
  if (!trouble) {
    if (TellsWhy(code)) words_ = Shortened(text);
    return std::nullopt;
  }
  words_ = Describe(*trouble);
  if (MayPass(trouble->why)) return std::nullopt;
  // librdkafka does not say why. The certificate was seen just before.
  const bool is_of_certificate =
      trouble->why.find("certificate verify failed") != std::string::npos;
  if (is_of_certificate && trouble_ && trouble_->kind == Kind::kCertificate) return std::nullopt;
  return Keep(*std::move(trouble), now);
}

std::optional<AccessTrouble> AccessWatch::Refused(const ShownCertificate& certificate,
                                                  TimePoint now) {
  return Keep(RefusedCertificate(certificate), now);
}

std::optional<AccessTrouble> AccessWatch::Keep(AccessTrouble trouble, TimePoint now) {
  trouble_ = trouble;
  trouble_at_ = now;
  if (reported_.size() >= kMostReported) reported_.clear();
  const auto [known, is_new] =
      reported_.try_emplace({trouble.kind, trouble.host}, Reported{now, trouble.why});
  const auto pause = known->second.why == trouble.why ? kEvery : kIfOther;
  if (!is_new && now - known->second.at < pause) return std::nullopt;
  known->second = {now, trouble.why};
  return trouble;
}

std::string AccessWatch::WhyUnanswered(TimePoint now) const {
  if (trouble_ && now - trouble_at_ < kExplains) return Describe(*trouble_);
  return words_;
}

}  // namespace common::access
