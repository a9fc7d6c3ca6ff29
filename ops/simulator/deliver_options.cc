#include "ops/simulator/deliver_options.h"

#include <algorithm>
#include <random>
#include <utility>

#include "common/base/text.h"
#include "common/config/secret_file.h"
#include "common/config/signature_settings.h"
#include "common/config/units.h"
#include "common/signature/signature.h"
#include "ops/simulator/arguments.h"

namespace simulator {

std::string_view DeliverHelp() {
  return R"(assure-sim deliver --target URL [options]: the providers

Sends callbacks to URL/<provider> and repeats each by its provider's rules until all are accepted or
given up. Then prints one line of JSON to stdout. SIGINT and SIGTERM end it early.

  --target URL                 for example http://127.0.0.1:8080; without a path, /callbacks is added
  --count N                    callbacks, default 100
  --providers NAME[:WEIGHT],…  onfido, eid, readid, paper, connect, webid, pictureid,
                               events;
                               default onfido:4,eid:3,readid:3,paper,connect
  --speed X                    divides the providers' delays, default 1
  --authorization VALUE        value of the Authorization header
  --authorization-file FILE    file whose first line is that value
  --duplicate-rate R           repeats this share (0 to 1) of accepted deliveries, as if the 200 was
                               lost, at one of the provider's later times; a provider that sends
                               once never repeats
  --lose R                     never sends this share (0 to 1) of the callbacks
  --announce URL               announces each callback, also one that is never sent, at ingest's
                               POST /expected, a hundred at a time, before it is sent; with --count
  --announce-authorization-file FILE
                               file whose first line is the value of Authorization there
  --concurrency N              deliveries at a time, default 32
  --open-loop RATE             first deliveries per second, with latencies since each was due;
                               default: as fast as --concurrency allows
  --timeout DURATION           for an answer, not divided by --speed; default 10s
  --seed N                     same seed, same callbacks; default: a new one each time
  --ids-file FILE              one line for each callback sent:
                               provider dossierId processId status acknowledged(yes|no) attempts;
                               with --announce also those never sent: "unsent" for yes or no
  --quiet                      no progress on stderr

The provider "events" sends each callback as an event: the envelope of Assure Events, with an id
that stays the same, and expiresAt. It is repeated after each failure, every sixth of its lifetime.

  --signature FORM             standard-webhooks, or the name of the header for the hex HMAC-SHA256
                               of the body: X-SHA2-Signature for Onfido; default: unsigned
  --signing-secret-file FILE   file whose first line is the secret
  --event-lifetime DURATION    from the first delivery until expiresAt, not divided by --speed;
                               default 30s
  --mock-rate R                tags this share (0 to 1) of events as mock; they have no result, so
                               they are not in the file of --ids-file
  --forged-rate R              sends another event, signed with a wrong secret, beside this share
  --stale-rate R               sends a copy, signed an hour before, beside this share; with
                               standard-webhooks

Report: callbacks, attempts, acknowledged, lost (given up), unfinished (ended early), penalties
(answers that made ReadID hold all callbacks for an hour), duplicates (deliveries after an accepted
one), unsent (by --lose), statuses, all of these also per provider, latency_ms (from due to answered), answer_ms (from
sent to answered), duration_s. With events also: events.late (first accepted after expiresAt), and
events.answers by kind: first, repeated, mock, forged, stale. Forged and stale ones count only there.
)";
}

namespace {

/// The options that concern signatures.
struct EventTexts {
  std::string signature;
  std::string secret_file;
};

auto SetDuration(std::chrono::milliseconds& target) {
  return [&target](std::string_view value) {
    const auto duration = common::config::ParseDuration(value);
    if (duration) target = *duration;
    return duration && duration->count() > 0;
  };
}

common::Result<EventSigning> ReadSigning(const EventTexts& texts) {
  EventSigning signing;
  if (texts.signature == "standard-webhooks") {
    signing.rule = common::StandardWebhooks();
  } else if (common::config::IsHeaderName(texts.signature)) {
    signing.rule.header = common::ToLowerAscii(texts.signature);
  } else {
    return BadArguments("--signature must be standard-webhooks or the name of a header");
  }
  const auto lines = common::config::ReadSecretLines(texts.secret_file);
  if (!lines) return lines.error();
  auto key = common::SigningKeyOf(signing.rule, lines->front());
  if (!key) return BadArguments("the secret begins with whsec_, but no base64 follows");
  signing.key = *std::move(key);
  return signing;
}

common::Result<void> ReadEvents(const EventTexts& texts, EventOptions& events) {
  if (std::max({events.mock_rate, events.forged_rate, events.stale_rate}) > 1) {
    return BadArguments("--mock-rate, --forged-rate and --stale-rate must be from 0 to 1");
  }
  if (texts.signature.empty() != texts.secret_file.empty()) {
    return BadArguments("--signature and --signing-secret-file need each other");
  }
  if (!texts.signature.empty()) {
    auto signing = ReadSigning(texts);
    if (!signing) return signing.error();
    events.signing = *std::move(signing);
  }
  if (events.forged_rate > 0 && !events.signing) {
    return BadArguments("--forged-rate needs --signature");
  }
  if (events.stale_rate > 0 && (!events.signing || events.signing->rule.timestamp_header.empty())) {
    return BadArguments("--stale-rate needs --signature standard-webhooks, which signs a time");
  }
  return {};
}

}  // namespace

common::Result<DeliverOptions> ParseDeliverOptions(const std::vector<std::string_view>& arguments) {
  DeliverOptions parsed;
  parsed.plan.count = 100;
  parsed.plan.mix = *ProviderMix::Parse("onfido:4,eid:3,readid:3,paper,connect");
  parsed.plan.seed = std::random_device()();
  constexpr double kAlmostNothing = 1e-9;
  std::string authorization_file;
  std::string announce_authorization_file;
  EventTexts events;
  const std::vector<Option> options{
      {"target", "a URL", SetText(parsed.target)},
      {"count", "a number", SetNumber(parsed.plan.count, std::uint64_t{0})},
      {"speed", "a number greater than 0", SetNumber(parsed.plan.speed, kAlmostNothing)},
      {"authorization", "a value", SetText(parsed.authorization)},
      {"authorization-file", "a file", SetText(authorization_file)},
      {"duplicate-rate", "a number from 0 to 1", SetNumber(parsed.plan.duplicate_rate, 0.0)},
      {"lose", "a number from 0 to 1", SetNumber(parsed.plan.lose_rate, 0.0)},
      {"announce", "a URL", SetText(parsed.announce)},
      {"announce-authorization-file", "a file", SetText(announce_authorization_file)},
      {"concurrency", "a number of at least 1", SetNumber(parsed.concurrency, 1)},
      {"open-loop", "a rate per second", SetNumber(parsed.plan.open_loop_rate, kAlmostNothing)},
      {"seed", "a number", SetNumber(parsed.plan.seed, std::uint64_t{0})},
      {"ids-file", "a file", SetText(parsed.ids_file)},
      {"quiet", "", SetFlag(parsed.quiet)},
      {"timeout", "a duration such as 10s", SetDuration(parsed.timeout)},
      {"signature", "a form", SetText(events.signature)},
      {"signing-secret-file", "a file", SetText(events.secret_file)},
      {"event-lifetime", "a duration such as 30s", SetDuration(parsed.plan.event_lifetime)},
      {"mock-rate", "a number from 0 to 1", SetNumber(parsed.events.mock_rate, 0.0)},
      {"forged-rate", "a number from 0 to 1", SetNumber(parsed.events.forged_rate, 0.0)},
      {"stale-rate", "a number from 0 to 1", SetNumber(parsed.events.stale_rate, 0.0)},
      {"providers", "NAME[:WEIGHT],… of known providers", [&](std::string_view value) {
         const auto mix = ProviderMix::Parse(value);
         if (mix) parsed.plan.mix = *mix;
         return mix.has_value();
       }}};
  if (const auto read = ParseArguments(arguments, options); !read) return read.error();
  if (parsed.target.empty()) return BadArguments("--target is required");
  if (parsed.plan.duplicate_rate > 1) return BadArguments("--duplicate-rate must be from 0 to 1");
  if (parsed.plan.lose_rate > 1) return BadArguments("--lose must be from 0 to 1");
  if (parsed.announce.empty() && !announce_authorization_file.empty()) {
    return BadArguments("--announce-authorization-file needs --announce");
  }
  if (!announce_authorization_file.empty()) {
    auto lines = common::config::ReadSecretLines(announce_authorization_file);
    if (!lines) return lines.error();
    parsed.announce_authorization = lines->front();
  }
  if (auto read = ReadEvents(events, parsed.events); !read) return read.error();
  if (!authorization_file.empty()) {
    auto lines = common::config::ReadSecretLines(authorization_file);
    if (!lines) return lines.error();
    parsed.authorization = lines->front();
  }
  return parsed;
}

}  // namespace simulator
