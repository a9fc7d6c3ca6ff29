#include "common/json/expected_process.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/json/fields.h"
#include "common/json/object_writer.h"
#include "common/json/reader.h"

namespace common::json {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 4> kNames = {"dossierId", "processId", "provider", "within"};

Error Refuse(std::string what) { return {Remedy::kReject, "announcement", std::move(what)}; }

/// Finds the first name of the outermost object that is none of kNames.
class OtherNameFinder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, OtherNameFinder> {
 public:
  bool Key(const char* text, TextSize size, bool /*copy*/) {
    const std::string_view name(text, size);
    if (depth_ == 1 && !found_ && std::ranges::find(kNames, name) == kNames.end()) {
      found_.emplace(name);
    }
    return true;
  }
  bool StartObject() { return Enter(); }
  bool StartArray() { return Enter(); }
  bool EndObject(TextSize) { return Leave(); }
  bool EndArray(TextSize) { return Leave(); }

  [[nodiscard]] const std::optional<std::string>& found() const { return found_; }

 private:
  bool Enter() {
    ++depth_;
    return true;
  }
  bool Leave() {
    --depth_;
    return true;
  }

  std::optional<std::string> found_;
  std::size_t depth_ = 0;
};

std::optional<std::string> FindOtherName(std::string_view json) {
  Source source(json);
  OtherNameFinder finder;
  (void)ReadAll(source, finder);  // It is known to be an object.
  return finder.found();
}

std::string Named(const Field& field, std::string_view what) {
  return std::string(field.name).append(" ").append(what);
}

Result<std::string> TextOf(const Field& field, std::size_t max) {
  switch (field.kind) {
    case Field::Kind::kAbsent:
      return Refuse(Named(field, "is missing"));
    case Field::Kind::kText:
      break;
    case Field::Kind::kNumber:
    case Field::Kind::kNull:
    case Field::Kind::kOther:
      return Refuse(Named(field, "is not a text"));
  }
  std::string text(TrimAscii(field.value));
  if (text.empty()) return Refuse(Named(field, "is empty"));
  if (text.size() > max) {
    return Refuse(Named(field, "is longer than " + std::to_string(max) + " bytes"));
  }
  return text;
}

Result<std::optional<milliseconds>> WithinOf(const Field& field) {
  if (field.kind == Field::Kind::kAbsent || field.kind == Field::Kind::kNull) {
    return std::optional<milliseconds>();
  }
  std::optional<milliseconds> within;
  if (field.kind == Field::Kind::kText) within = ParseDuration(field.value);
  if (!within || *within < kShortestWithin || *within > kLongestWithin) {
    return Refuse(Named(field, "is not a duration from " + FormatDuration(kShortestWithin) +
                                   " to " + FormatDuration(kLongestWithin) +
                                   ", written as in \"30m\""));
  }
  return within;
}

}  // namespace

Result<ExpectedProcess> ReadExpectedProcess(std::string_view json, OtherFields others) {
  std::array<Field, kNames.size()> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) fields[i].name = kNames[i];
  if (!ReadFields(json, fields)) return Refuse("not one JSON object in UTF-8");
  for (const Field& field : fields) {
    if (field.is_contradictory) return Refuse(Named(field, "occurs twice, with different values"));
  }
  if (others == OtherFields::kRefuse) {
    constexpr std::size_t kShown = 64;
    if (const auto other = FindOtherName(json)) {
      return Refuse("no field is named " + Quote(other->substr(0, kShown)) +
                    "; there are dossierId, processId, provider and within");
    }
  }
  auto dossier = TextOf(fields[0], kLongestExpectedId);
  if (!dossier) return dossier.error();
  auto process = TextOf(fields[1], kLongestExpectedId);
  if (!process) return process.error();
  auto provider = TextOf(fields[2], kLongestExpectedProvider);
  if (!provider) return provider.error();
  const auto within = WithinOf(fields[3]);
  if (!within) return within.error();
  return ExpectedProcess{.dossier = DossierId(NormalizeId(*std::move(dossier))),
                         .process = ProcessId(NormalizeId(*std::move(process))),
                         .provider = *std::move(provider),
                         .within = *within};
}

std::string WriteExpectedProcess(const ExpectedProcess& expected) {
  ObjectWriter writer;
  writer.Text("dossierId", expected.dossier.str())
      .Text("processId", expected.process.str())
      .Text("provider", expected.provider);
  if (expected.within) writer.Text("within", FormatDuration(*expected.within));
  return writer.Finish();
}

Result<ExpectedRecord> ReadExpectedRecord(std::string_view key,
                                          std::optional<std::string_view> value) {
  if (!value) {
    ProcessId process(NormalizeId(std::string(key)));
    if (process.empty()) return Refuse("without key and value");
    if (process.str() != key) return Refuse("the key is not a normalised processId");
    return ExpectedRecord(ForgottenProcess{std::move(process)});
  }
  auto expected = ReadExpectedProcess(*value, OtherFields::kIgnore);
  if (!expected) return expected.error();
  if (expected->process.str() != key) return Refuse("the key is not the normalised processId");
  return ExpectedRecord(*std::move(expected));
}

}  // namespace common::json
