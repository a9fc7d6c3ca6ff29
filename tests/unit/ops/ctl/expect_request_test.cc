#include "ops/ctl/expect/expect_request.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ctl {
namespace {

/// "p-1 of onfido within 1800000 ms", "forget p-1"; or the mistake.
std::string Render(const common::Result<std::vector<ExpectRequest>>& requests) {
  if (!requests) return "mistake: " + requests.error().detail;
  std::string text;
  for (const auto& [process, announcement] : *requests) {
    text +=
        (text.empty() ? "" : ", ") + (announcement ? "" : std::string("forget ")) + process.str();
    if (!announcement) continue;
    text += " of " + announcement->provider;
    if (announcement->within) {
      text += " within " + std::to_string(announcement->within->count()) + " ms";
    }
  }
  return text;
}

std::string OfOptions(Arguments::Options options) {
  return Render(ReadExpectOptions(Arguments(std::move(options)), common::ProviderTable()));
}
std::string OfFile(std::string_view text, bool forget = false) {
  return Render(ReadExpectFile(text, forget, common::ProviderTable()));
}

TEST(ExpectOptions, AnnounceOneProcess) {
  Arguments::Options options = {
      {"--dossier", "d"}, {"--process", " p-1 "}, {"--provider", "Onfido"}};
  EXPECT_EQ(OfOptions(options), "p-1 of onfido");
  options["--within"] = "30m";
  EXPECT_EQ(OfOptions(options), "p-1 of onfido within 1800000 ms");
  options["--within"] = "soon";
  EXPECT_EQ(OfOptions(options),
            "mistake: within is not a duration from 1ms to 168h, written as in \"30m\"");
}

TEST(ExpectOptions, AreAllRequired) {
  EXPECT_EQ(OfOptions({}), "mistake: --dossier is required, or --file FILE");
  EXPECT_EQ(OfOptions({{"--dossier", "d"}, {"--process", "p"}}),
            "mistake: --provider is required, or --file FILE");
  EXPECT_EQ(OfOptions({{"--dossier", " "}, {"--process", "p"}, {"--provider", "onfido"}}),
            "mistake: dossierId is empty");
}

TEST(ExpectOptions, ForgetAProcessByItsIdAlone) {
  EXPECT_EQ(OfOptions({{"--forget", ""}, {"--process", "A3F1C0D2-0B64-4B8E-8D51-6D0F1F3E9A10"}}),
            "forget a3f1c0d2-0b64-4b8e-8d51-6d0f1f3e9a10");
  EXPECT_EQ(OfOptions({{"--forget", ""}, {"--process", "a \"b\""}}), "forget a \"b\"");
  EXPECT_EQ(OfOptions({{"--forget", ""}, {"--process", std::string(257, 'p')}}),
            "mistake: the processId is longer than 256 bytes");
  EXPECT_EQ(OfOptions({{"--forget", ""}, {"--process", " "}}),
            "mistake: --process ID is required, or --file FILE");
  EXPECT_EQ(OfOptions({{"--forget", ""}, {"--process", "p"}, {"--within", "1h"}}),
            "mistake: --within is not needed to forget a process");
}

TEST(ExpectFile, HasAnnouncements) {
  const std::string line = R"({"dossierId":"d","processId":"p","provider":"onfido"})";
  EXPECT_EQ(OfFile(line), "p of onfido");
  EXPECT_EQ(OfFile(line + "\n\n" + line), "p of onfido, p of onfido");
  EXPECT_EQ(OfFile(line + "\n{}"), "mistake: line 2: dossierId is missing");
  std::string many;
  for (int i = 0; i < 1500; ++i) many += line + "\n";
  EXPECT_EQ(OfFile(many).substr(0, 11), "p of onfido") << "more than ingest takes at once";
}

TEST(ExpectFile, ListsProcessesToForget) {
  EXPECT_EQ(OfFile("p-1\r\n\n p-2 \n{\"dossierId\":\"d\",\"processId\":\"p-3\"}", true),
            "forget p-1, forget p-2, forget p-3");
  EXPECT_EQ(OfFile("p-1\n{\"dossierId\":\"d\"}", true), "mistake: line 2: processId is missing");
  EXPECT_EQ(OfFile("\n", true), "mistake: the file is empty");
  EXPECT_EQ(OfFile(std::string(257, 'p'), true),
            "mistake: line 1: the processId is longer than 256 bytes");
}

TEST(ExpectFile, IsReadForAnnouncingAndForForgetting) {
  const std::string one =
      "{\n  \"dossierId\": \"d\",\n  \"processId\": \"p\",\n"
      "  \"provider\": \"onfido\"\n}\n";
  EXPECT_EQ(OfFile(one), "p of onfido");
  EXPECT_EQ(OfFile(one, true), "forget p");
  const std::string lines =
      "{\"dossierId\":\"d\",\"processId\":\"a b, \\\"é\",\"provider\":\"eid\"}\n";
  EXPECT_EQ(OfFile(lines + lines), "a b, \"é of eid, a b, \"é of eid");
  EXPECT_EQ(OfFile(lines + lines, true), "forget a b, \"é, forget a b, \"é");
}

TEST(ExpectFile, RefusesToForgetInvalidId) {
  using namespace std::string_literals;
  for (const std::string& line :
       {"\xEF\xBB\xBFp-1"s, "[\"a\",\"b\"]"s, "\"abc\""s, "'abc'"s, "processId,provider"s, "p 1"s,
        "p;1"s, "p\0q"s, "p\xFF"s, "é"s, "p\t1"s, "<p>"s, "}"s}) {
    EXPECT_EQ(OfFile("p-1\n" + line + "\n", true).substr(0, 30), "mistake: line 2: not a process")
        << line;
  }
  EXPECT_EQ(OfFile("processId\np-1\n", true),
            "mistake: line 1: the name of a column, not a processId");
  EXPECT_EQ(OfFile("{\"processId\":1}", true), "mistake: line 1: processId is not a text");
  EXPECT_EQ(OfFile("{\"processId\":\" \"}", true), "mistake: line 1: the processId is empty");
  EXPECT_EQ(OfFile("{\"processId\":\"p\xFF\"}", true),
            "mistake: line 1: not one JSON object in UTF-8");
  EXPECT_EQ(OfFile("{\"processId\":\"p\",\"processId\":\"q\"}\n\n", true),
            "mistake: line 1: processId occurs twice, with different values");
}

}  // namespace
}  // namespace ctl
