#include "ingest/reload_secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/guarded.h"
#include "common/config/file_reads.h"
#include "ingest/credentials.h"
#include "tests/support/wait_until.h"
#include "tests/unit/ingest/config/recording_secrets_events.h"

namespace ingest {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Files of which one may hang.
struct Mount {
  common::Result<std::string> Read(const std::string& path) {
    reads.With([&](auto& counted) { ++counted[path]; });
    if (path == "/hung/onfido") hangs.wait(true);
    return contents.With([&](auto& all) { return all[path]; });
  }
  void Let() {
    hangs = false;
    hangs.notify_all();
  }
  void Write(const std::string& path, const std::string& content) {
    contents.With([&](auto& all) { all[path] = content; });
  }
  int ReadsOf(const std::string& path) {
    return reads.With([&](auto& counted) { return counted[path]; });
  }

  std::atomic<bool> hangs = true;
  common::Guarded<std::map<std::string, std::string>> contents;
  common::Guarded<std::map<std::string, int>> reads;
};

class ReloadSecretsTest : public ::testing::Test {
 protected:
  ReloadSecretsTest() {
    mount->Write("/hung/onfido", "new-onfido");
    mount->Write("/eid", "new-eid");
    mount->Write("/expected", "new-expected");
  }
  ~ReloadSecretsTest() override { mount->Let(); }

  bool Reload(std::chrono::milliseconds longest) {
    CredentialStore* const stores[] = {&providers, &expected};
    return ReloadSecrets(stores, reads, events, longest);
  }
  static CredentialStore Store(std::vector<CredentialSource> sources) {
    std::vector<Credentials> old;
    for (const CredentialSource& source : sources) {
      old.push_back({.accepted = {"old-" + source.provider}});
    }
    return {std::move(sources), std::move(old)};
  }

  std::shared_ptr<Mount> mount = std::make_shared<Mount>();
  common::config::FileReads reads{[mount = mount](const auto& path) { return mount->Read(path); }};
  CredentialStore providers = Store({{.provider = "unknown"},
                                     {.provider = "onfido", .file = "/hung/onfido"},
                                     {.provider = "eid", .file = "/eid"}});
  CredentialStore expected = Store({{.provider = "expected", .file = "/expected"}});
  RecordingSecretsEvents events;
};

TEST_F(ReloadSecretsTest, RenewsTheOtherRowsAtOnceWhileOneFileHangs) {
  std::atomic<bool> is_complete = false;
  std::jthread reloading([&] { is_complete = Reload(10min); });
  EXPECT_TRUE(tests::WaitUntil([&] { return providers.current()->Accepts(2, "new-eid"); }, 20s));
  EXPECT_TRUE(
      tests::WaitUntil([&] { return expected.current()->Accepts(0, "new-expected"); }, 20s));
  EXPECT_TRUE(providers.current()->Accepts(1, "old-onfido"));
  mount->Let();
  reloading.join();
  EXPECT_TRUE(is_complete);
  EXPECT_TRUE(providers.current()->Accepts(1, "new-onfido"));
  EXPECT_THAT(events.lines, IsEmpty());
}

TEST_F(ReloadSecretsTest, KeepsTheSecretWhoseFileHangsAndNamesTheFile) {
  EXPECT_FALSE(Reload(100ms));
  EXPECT_TRUE(providers.current()->Accepts(1, "old-onfido"));
  EXPECT_TRUE(providers.current()->Accepts(2, "new-eid"));
  ASSERT_EQ(events.lines.size(), 1U);
  EXPECT_THAT(events.lines[0], HasSubstr("onfido: the file /hung/onfido was not read within"));
}

TEST_F(ReloadSecretsTest, UsesOneThreadForAFileThatHangsRepeatedly) {
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(Reload(5ms));
  EXPECT_EQ(mount->ReadsOf("/hung/onfido"), 1);
  mount->Write("/hung/onfido", "newest");
  mount->Let();
  EXPECT_TRUE(Reload(10min)) << "it works again";
  EXPECT_TRUE(providers.current()->Accepts(1, "newest"));
}

TEST_F(ReloadSecretsTest, ReadsAHungFileAgainForAQuestionThatCameLater) {
  EXPECT_FALSE(Reload(5ms));
  std::jthread reloading([&] { EXPECT_TRUE(Reload(10min)); });
  ASSERT_TRUE(tests::WaitUntil([&] { return mount->ReadsOf("/eid") == 2; }, 20s));
  mount->Let();
  reloading.join();
  EXPECT_EQ(mount->ReadsOf("/hung/onfido"), 2) << "the first read may have found old content";
}

}  // namespace
}  // namespace ingest
