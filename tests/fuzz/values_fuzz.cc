#include <chrono>
#include <string>
#include <string_view>

#include "common/base/retry_after.h"
#include "common/base/rfc3339.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/config/address.h"
#include "common/config/units.h"
#include "common/domain/callback_record.h"
#include "common/domain/ids.h"
#include "common/json/object_writer.h"
#include "common/json/redact.h"
#include "ingest/policy/route.h"
#include "ingest/policy/utf8_text.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/require.h"

// Readers of single values: a value that is written and read again must be equal, and in its range.
namespace {

using fuzz::Require;

void Times(std::string_view text) {
  if (const auto time = common::ParseRfc3339(text)) {
    Require(common::ParseRfc3339(common::FormatRfc3339(*time)) == time, "an RFC 3339 time");
  }
  using std::chrono::sys_days;
  for (const auto now :
       {sys_days(std::chrono::year(2026) / 11 / 23), sys_days(std::chrono::year(1999) / 12 / 31)}) {
    const auto wait = common::ParseRetryAfter(text, now);
    Require(!wait || (wait->count() >= 0 && *wait <= common::kLongestRetryAfter), "a Retry-After");
  }
}

void Quantities(std::string_view text) {
  using namespace common::config;
  if (const auto duration = ParseDuration(text)) {
    Require(duration->count() >= 0, "a duration is not negative");
    Require(ParseDuration(FormatDuration(*duration)) == duration, "a duration");
  }
  if (const auto size = ParseSize(text)) Require(ParseSize(FormatSize(*size)) == size, "a size");
  if (const auto address = ParseAddress(text)) {
    Require(address->host.find('\0') == std::string::npos, "an address is text");
    Require(ParseAddress(ToText(*address)) == address, "an address");
  }
}

void Texts(std::string_view text) {
  const std::string id = common::NormalizeId(std::string(text));
  Require(common::NormalizeId(id) == id, "a normalised id stays as it is");
  const auto quoted = fuzz::ReadReference(common::json::Quote(text));
  Require(quoted.validity == fuzz::Validity::kValid, "quoted text is JSON");
  Require(quoted.value.kind == fuzz::JsonValue::Kind::kText, "quoted text is text");
  for (const char c : common::PercentEncode(text)) {
    const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') ||
                          std::string_view("-._~%").find(c) != std::string_view::npos;
    Require(is_plain, "percent-encoded text is plain");
  }
  if (common::IsValidTraceparent(text)) {
    for (const char c : text) Require(c > ' ' && c < '\x7f', "a traceparent is printable");
  }
}

/// input := prefix LF path
void Routes(std::string_view text) {
  const std::string_view prefix = fuzz::ReadLine(text);
  const auto route = ingest::MatchRoute(prefix, text);
  if (!route) return;
  while (text.starts_with("//")) text.remove_prefix(1);
  Require(text.starts_with(prefix), "a callback's path has the prefix");
  Require(route->segment.find('/') == std::string_view::npos, "a name has no slash");
  Require(route->rest.size() <= text.size() - prefix.size(), "the rest is what follows");
  const std::string name = ingest::Utf8Text(route->rest, ingest::kMaxProviderName);
  Require(name.size() <= ingest::kMaxProviderName, "a name is short");
  const std::string whole = ingest::Utf8Text(route->rest);
  Require(whole.starts_with(name), "a name is cut at its end");
  Require(name == whole || name.size() + 3 >= ingest::kMaxProviderName, "a name is not shorter");
  for (std::string_view left = whole; !left.empty();) {
    const std::size_t length = common::Utf8Length(left);
    Require(length > 0, "a name is UTF-8");
    left.remove_prefix(length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::TextOf(data, size);
  Times(text);
  Quantities(text);
  Texts(text);
  Routes(text);
  return 0;
}
