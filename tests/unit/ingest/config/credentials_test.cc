#include "ingest/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "ingest/reload_secrets.h"
#include "tests/support/temp_directory.h"
#include "tests/unit/ingest/config/recording_secrets_events.h"

namespace ingest {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr common::ProviderTable::Index kOnfido = 1;
constexpr common::ProviderTable::Index kEid = 2;

class CredentialStoreTest : public ::testing::Test {
 protected:
  CredentialStoreTest() {
    onfido_file = directory.Write("onfido", "old-onfido\n");
    eid_file = directory.Write("eid", "old-eid\n");
    std::vector<CredentialSource> sources(3);
    sources[kOnfido] = {.provider = "onfido", .values = {"inline"}, .file = onfido_file.string()};
    sources[kEid] = {.provider = "eid", .file = eid_file.string()};
    std::vector<Credentials> loaded;
    for (const CredentialSource& source : sources) loaded.push_back(*LoadCredentials(source));
    store.emplace(sources, loaded);
  }

  [[nodiscard]] bool Accepts(common::ProviderTable::Index row, const char* secret) const {
    return store->current()->Accepts(row, secret);
  }

  bool Reload(CredentialStore& again) {
    CredentialStore* const stores[] = {&again};
    return ReloadSecrets(stores, reads, events);
  }

  tests::TempDirectory directory;
  common::config::FileReads reads;
  std::filesystem::path onfido_file;
  std::filesystem::path eid_file;
  RecordingSecretsEvents events;
  std::optional<CredentialStore> store;
};

TEST_F(CredentialStoreTest, AcceptsValuesFromConfigurationAndFile) {
  EXPECT_TRUE(Accepts(kOnfido, "inline"));
  EXPECT_TRUE(Accepts(kOnfido, "old-onfido"));
  EXPECT_TRUE(Accepts(common::ProviderTable::kUnknown, "old-eid"));
}

TEST_F(CredentialStoreTest, AcceptsTheFilesNewValuesAfterAReload) {
  directory.Write("onfido", "new-onfido\r\nold-onfido\n");
  Reload(*store);
  EXPECT_TRUE(Accepts(kOnfido, "new-onfido"));
  EXPECT_TRUE(Accepts(kOnfido, "old-onfido"));
  EXPECT_TRUE(Accepts(kOnfido, "inline"));
  directory.Write("onfido", "new-onfido\n");
  EXPECT_TRUE(Reload(*store));
  EXPECT_FALSE(Accepts(kOnfido, "old-onfido"));
  EXPECT_THAT(events.lines, IsEmpty());
}

TEST_F(CredentialStoreTest, KeepsAndReportsOldValuesIfAFileIsMissingOrEmpty) {
  std::filesystem::remove(onfido_file);
  directory.Write("eid", "\n");
  EXPECT_FALSE(Reload(*store));
  EXPECT_TRUE(Accepts(kOnfido, "old-onfido"));
  EXPECT_TRUE(Accepts(kEid, "old-eid"));
  EXPECT_THAT(events.lines, UnorderedElementsAre(StartsWith("onfido: "), StartsWith("eid: ")));
}

TEST_F(CredentialStoreTest, ReloadsOneFileWhileAnotherIsMissing) {
  std::filesystem::remove(onfido_file);
  directory.Write("eid", "new-eid\n");
  Reload(*store);
  EXPECT_TRUE(Accepts(kEid, "new-eid"));
  EXPECT_FALSE(Accepts(kEid, "old-eid"));
}

TEST_F(CredentialStoreTest, ReportsAReloadThatRunsOutOfMemory) {
  std::filesystem::remove(onfido_file);
  events.has_memory = false;
  EXPECT_NO_THROW(EXPECT_FALSE(Reload(*store)));
  EXPECT_TRUE(Accepts(kOnfido, "old-onfido"));
  EXPECT_TRUE(Accepts(kEid, "old-eid"));
  EXPECT_THAT(events.lines, ElementsAre("every provider: std::bad_alloc"));
}

TEST_F(CredentialStoreTest, ReportsNoSecret) {
  directory.Write("onfido", "new-onfido\n");
  std::filesystem::remove(eid_file);
  Reload(*store);
  EXPECT_THAT(events.lines, SizeIs(1));
  EXPECT_THAT(events.lines, Each(Not(HasSubstr("old-"))));
  EXPECT_THAT(events.lines, Each(Not(HasSubstr("new-"))));
}

TEST_F(CredentialStoreTest, KeepsTheCredentialsOfARequestInFlight) {
  const auto before = store->current();
  directory.Write("eid", "new-eid\n");
  Reload(*store);
  EXPECT_TRUE(before->Accepts(kEid, "old-eid"));
}

class SigningSecretsTest : public CredentialStoreTest {
 protected:
  static std::vector<std::string> KeysOf(const CredentialStore& store) {
    const auto keys = store.current()->SigningKeysOf(1);
    return {keys.begin(), keys.end()};
  }

  std::filesystem::path file = directory.Write("signing", "from-file\n");
  CredentialSource source{.provider = "events",
                          .signature = common::SignatureRule{.header = "s"},
                          .signing_secrets = {"inline"},
                          .signing_file = file.string()};
  CredentialStore events_store{{CredentialSource(), source},
                               {Credentials(), *LoadCredentials(source)}};
};

TEST_F(SigningSecretsTest, AreReadFromConfigurationAndFile) {
  EXPECT_THAT(KeysOf(events_store), ElementsAre("inline", "from-file"));
}

TEST_F(SigningSecretsTest, AreReadAgainOnAReload) {
  directory.Write("signing", "new\n from-file \n");
  EXPECT_TRUE(Reload(events_store));
  EXPECT_THAT(KeysOf(events_store), ElementsAre("inline", "new", "from-file"));
}

TEST_F(SigningSecretsTest, KeepOldKeysIfFileIsMissingEmptyOrInvalid) {
  const auto stays = [&] {
    EXPECT_FALSE(Reload(events_store));
    return KeysOf(events_store).size() == 2 && KeysOf(events_store).back() == "from-file";
  };
  directory.Write("signing", "\n");
  EXPECT_TRUE(stays()) << "empty";
  directory.Write("signing", "new\ninline\n");
  EXPECT_TRUE(stays()) << "a secret twice";
  std::filesystem::remove(file);
  EXPECT_TRUE(stays()) << "missing";
  EXPECT_THAT(events.lines, Contains(HasSubstr("secret 3 is the same as an earlier one")));
  EXPECT_THAT(events.lines, Each(Not(HasSubstr("inline"))));
}

TEST_F(SigningSecretsTest, AreDecodedForStandardWebhooks) {
  source.signature->content = common::SignatureRule::Content::kStandardWebhooks;
  source.signing_secrets = {"whsec_Zm9v"};
  EXPECT_THAT(LoadCredentials(source)->signing_keys, ElementsAre("foo", "from-file"));
  source.signing_secrets = {"whsec_Zm9v", "whsec_?"};
  const auto loaded = LoadCredentials(source);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().detail, "secret 2 begins with whsec_, but no base64 follows");
}

}  // namespace
}  // namespace ingest
