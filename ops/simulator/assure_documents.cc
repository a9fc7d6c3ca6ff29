#include "ops/simulator/assure_documents.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "common/base/rfc3339.h"
#include "common/json/object_writer.h"
#include "ops/simulator/hash.h"
#include "ops/simulator/synthetic_ids.h"

namespace simulator {
namespace {

using common::json::ObjectWriter;
using namespace std::chrono_literals;

constexpr std::array<std::string_view, 8> kFirstNames{"Ingrid", "Ola",  "Kari", "Sven",
                                                      "Freja",  "Aino", "Lars", "Maja"};
constexpr std::array<std::string_view, 8> kLastNames{"Testdal",  "Probe",   "Muster",    "Exempel",
                                                     "Eksempel", "Koestad", "Voorbeeld", "Demosen"};
constexpr std::array<std::string_view, 6> kCountries{"NOR", "SWE", "DNK", "FIN", "NLD", "DEU"};
constexpr std::array<std::string_view, 8> kFeatures{"Header",   "Portrait",  "Signature",  "Mrz",
                                                    "Hologram", "Guilloche", "Microprint", "Chip"};

template <std::size_t N>
std::string_view Pick(const std::array<std::string_view, N>& choices, Dice& dice) {
  return choices[dice.Below(N)];
}

/// Second `n` of the year 2026, in which all processes take place.
std::string TimeText(std::uint64_t n) {
  constexpr std::chrono::sys_days kYear = std::chrono::year(2026) / 1 / 1;
  std::string text = common::FormatRfc3339(common::WallTime(kYear) + std::chrono::seconds(n));
  return text.replace(text.size() - 5, 5, "Z");  // The API shows no milliseconds.
}

std::string DateText(std::uint64_t first_year, std::uint64_t years, Dice& dice) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04u-%02u-%02u",
                static_cast<unsigned>(first_year + dice.Below(years)),
                static_cast<unsigned>(1 + dice.Below(12)),
                static_cast<unsigned>(1 + dice.Below(28)));
  return text.data();
}

struct Times {
  std::string created;
  std::string updated;
};

Times TimesOf(std::string_view dossier_id) {
  Dice dice(Hash(dossier_id, 2));
  const std::uint64_t created = dice.Below(300ULL * 24 * 3600);
  return {TimeText(created), TimeText(created + 20 + dice.Below(600))};
}

std::string Features(Dice& dice) {
  std::string features = "[";
  const std::uint64_t count = 18 + dice.Below(12);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) features += ',';
    ObjectWriter box;
    for (const std::string_view side : {"x", "y", "width", "height"}) {
      box.Number(side, static_cast<std::int64_t>(10 + dice.Below(400)));
    }
    features += ObjectWriter()
                    .Text("name", Pick(kFeatures, dice))
                    .Bool("found", dice.Below(10) > 0)
                    .Raw("bbox", box.Finish())
                    .Text("side", dice.Below(2) == 0 ? "data" : "portrait")
                    .Finish();
  }
  return features += ']';
}

std::string FinalResult(Dice& dice) {
  const std::string_view country = Pick(kCountries, dice);
  return ObjectWriter()
      .Text("firstName", Pick(kFirstNames, dice))
      .Text("lastName", Pick(kLastNames, dice))
      .Text("dateOfBirth", DateText(1940, 68, dice))
      .Text("gender", dice.Below(2) == 0 ? "F" : "M")
      .Text("nationality", country)
      .Text("documentType", dice.Below(2) == 0 ? "passport" : "nationalIdentityCard")
      .Text("documentNumber", "X" + std::to_string(1'000'000 + dice.Below(9'000'000)))
      .Text("personalIdentificationNumber",
            std::to_string(10'000'000'000 + dice.Below(80'000'000'000)))
      .Text("issuingCountry", country)
      .Text("dateOfExpiry", DateText(2027, 9, dice))
      .Finish();
}

}  // namespace

std::string ProcessDocument(std::string_view dossier_id, std::string_view process_id,
                            ProcessState state) {
  const SimulatedProvider& provider = ProviderOf(process_id);
  const Times times = TimesOf(dossier_id);
  const bool finished = state == ProcessState::kFinished;
  ObjectWriter document;
  document.Text("processId", process_id)
      .Text("provider", provider.key)
      .Text("processType", provider.process_type)
      .Text("status", finished ? FinalStatusOf(process_id) : "pending")
      .Text("createdAt", times.created)
      .Text("updatedAt", finished ? times.updated : times.created);
  if (!finished) return document.Finish();
  Dice dice(Hash(process_id, Hash(dossier_id)));
  std::array<char, 16> score{};
  // The real API sends scores with more digits than a double keeps.
  std::snprintf(score.data(), score.size(), "0.%08u",
                static_cast<unsigned>(dice.Below(100'000'000)));
  const std::string ocr = ObjectWriter()
                              .Text("similarityScore", dice.Below(5) > 0 ? "high" : "medium")
                              .Text("livenessDetected", "true")
                              .Raw("score", std::string(score.data()) + "4217713009155")
                              .Raw("features", Features(dice))
                              .Finish();
  return document.Raw("providerSpecific", ObjectWriter().Raw("ocr", ocr).Finish())
      .Raw("finalResult", FinalResult(dice))
      .Finish();
}

std::string DossierDocument(std::string_view dossier_id) {
  const Times times = TimesOf(dossier_id);
  const std::string process_id = ProcessIdOf(dossier_id);
  const std::string process = ObjectWriter()
                                  .Text("processId", process_id)
                                  .Text("provider", ProviderOf(process_id).key)
                                  .Text("status", FinalStatusOf(process_id))
                                  .Finish();
  return ObjectWriter()
      .Text("dossierId", dossier_id)
      .Text("createdAt", times.created)
      .Text("updatedAt", times.updated)
      .Text("externalReference", "customer-" + std::to_string(Hash(dossier_id, 3) % 100'000))
      .Raw("processes", "[" + process + "]")
      .Finish();
}

std::string GarbageDocument(std::string_view id) {
  return "{\"processId\":\"" + std::string(id.substr(0, 8)) + "\",\"provider\":\n<html>Bad gatew";
}

std::string MaintenancePage() {
  return "<!DOCTYPE html>\n<html><body><h1>We will be back soon</h1></body></html>\n";
}

std::string HugeDocument(std::string_view id) {
  constexpr std::size_t kSize = std::size_t{8} * 1024 * 1024;
  ObjectWriter document;
  document.Text("processId", id).Text("status", FinalStatusOf(id));
  return document.Text("filler", std::string(kSize, 'x')).Finish();
}

std::string TokenDocument(std::string_view token, std::int64_t expires_in_s) {
  return ObjectWriter()
      .Text("access_token", token)
      .Number("expires_in", expires_in_s)
      .Text("token_type", "Bearer")
      .Text("scope", "signicat-api")
      .Finish();
}

std::string OAuthErrorDocument(std::string_view error, std::string_view description) {
  return ObjectWriter().Text("error", error).Text("error_description", description).Finish();
}

std::string ErrorDocument(const ApiError& error) {
  std::array<char, 40> trace_id{};
  std::snprintf(trace_id.data(), trace_id.size(), "%016llx%016llx",
                static_cast<unsigned long long>(Mix(error.trace)),
                static_cast<unsigned long long>(Mix(~error.trace)));
  const bool is_client_problem = error.status < 500;
  return ObjectWriter()
      .Text("instance", error.instance)
      .Text("method", error.method)
      .Number("status", error.status)
      .Text("type", is_client_problem ? "base:client-problem" : "base:server-problem")
      .Text("title",
            is_client_problem ? "The request cannot be served" : "The server has a problem")
      .Text("detail", error.detail)
      .Text("traceId", trace_id.data())
      .Finish();
}

}  // namespace simulator
