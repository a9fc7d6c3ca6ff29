#include "consumer/fetch/published_form.h"

#include <gtest/gtest.h>

#include "common/base/sha256.h"

namespace consumer {
namespace {

constexpr std::string_view kProcess =
    R"({"processId":"p","finalResult":{"name":"Ingrid","n":1.50},"score":0.10})";

std::optional<std::string> Published(const FetchSettings& settings,
                                     std::string_view body = kProcess,
                                     Resource resource = Resource::kProcess) {
  return PublishedForm(settings).Of(resource, std::string(body));
}

TEST(PublishedForm, IsTheWholeDocumentByDefault) {
  EXPECT_EQ(Published({}), kProcess);
  EXPECT_EQ(Published({}, "\xEF\xBB\xBF {\"a\": 1}\r\n"), "{\"a\": 1}");
}

TEST(PublishedForm, HasOnlyKeptValues) {
  FetchSettings settings;
  settings.keep = {"/process/score", "/process/finalResult/n", "/dossier/dossierId"};
  EXPECT_EQ(Published(settings), R"({"finalResult":{"n":1.50},"score":0.10})");
  EXPECT_EQ(Published(settings, R"({"dossierId":"d","score":1})", Resource::kDossier),
            R"({"dossierId":"d"})");
}

TEST(PublishedForm, IsAnEmptyObjectIfNothingOfItIsKept) {
  FetchSettings settings;
  settings.keep.emplace();
  EXPECT_EQ(Published(settings), "{}");
  settings.keep = {"/dossier/dossierId"};
  EXPECT_EQ(Published(settings), "{}");
  settings.keep = {"/process/absent", "/dossier"};
  EXPECT_EQ(Published(settings), "{}");
  EXPECT_EQ(Published(settings, "{ }", Resource::kDossier), "{ }");
}

TEST(PublishedForm, RedactsWithinKeptValues) {
  FetchSettings settings;
  settings.keep = {"/process/finalResult"};
  settings.redact = {"/process/finalResult/name", "/process/score"};
  EXPECT_EQ(Published(settings), R"({"finalResult":{"n":1.50}})");
}

TEST(PublishedForm, IsAHashOfTheBodyAsReceived) {
  FetchSettings settings;
  settings.publish = PublishMode::kReference;
  settings.keep = {"/process"};
  settings.redact = {"/process/score"};
  EXPECT_EQ(Published(settings), R"({"sha256":")" + common::Sha256Hex(kProcess) + R"(","bytes":)" +
                                     std::to_string(kProcess.size()) + "}");
  const std::string padded = " {} \n";
  EXPECT_EQ(Published(settings, padded, Resource::kDossier),
            R"({"sha256":")" + common::Sha256Hex(padded) + R"(","bytes":5})");
}

TEST(PublishedForm, RefusesUnreadableDocument) {
  FetchSettings settings;
  settings.keep.emplace();
  EXPECT_EQ(Published(settings, "{\"a\":01}"), std::nullopt);
  settings.keep.reset();
  settings.redact = {"/process/a"};
  EXPECT_EQ(Published(settings, "{\"a\":01}"), std::nullopt);
}

}  // namespace
}  // namespace consumer
