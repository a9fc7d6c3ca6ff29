// `sluicectl spool` with each kind of file that --path may name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>

#include "tests/component/ops/ctl/spool_fixture.h"

namespace ctl {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::vector<std::string> kVerbs = {"list", "show", "retry", "export"};

/// Runs as another user than the owner of the files, if this process may change its user.
class AsAnotherUser {
 public:
  AsAnotherUser() : was_(::geteuid()) {
    if (was_ != 0) return;
    EXPECT_EQ(::seteuid(65'534), 0);
  }
  ~AsAnotherUser() { EXPECT_EQ(::seteuid(was_), 0); }
  AsAnotherUser(const AsAnotherUser&) = delete;
  AsAnotherUser& operator=(const AsAnotherUser&) = delete;

 private:
  uid_t was_;
};

class SpoolFileTest : public SpoolCommandTest {
 protected:
  void ExpectNone(const std::string& file) {
    EXPECT_EQ(SpoolAt(file, {"list"}), 0) << err;
    EXPECT_EQ(out, "no callback is refused\n");
    EXPECT_EQ(SpoolAt(file, {"list", "--json"}), 0);
    EXPECT_EQ(out, "[]\n");
    EXPECT_EQ(SpoolAt(file, {"show"}), 0);
    EXPECT_EQ(out, "no callback is refused\n");
    EXPECT_EQ(SpoolAt(file, {"show", "--json"}), 0);
    EXPECT_EQ(out, "[]\n");
    EXPECT_EQ(SpoolAt(file, {"export"}), 0);
    EXPECT_EQ(out, "");
    EXPECT_EQ(SpoolAt(file, {"retry"}), 0);
    EXPECT_EQ(out, "no callback is refused\n");
    EXPECT_EQ(SpoolAt(file, {"retry", "--json"}), 0);
    EXPECT_EQ(out, "{\"marked\":0}\n");
    EXPECT_EQ(SpoolAt(file, {"retry", "--id", "r1"}), 1);
    EXPECT_EQ(err, "sluicectl: no refused callback has the request id r1\n");
  }
  void ExpectFailure(const std::string& file, const std::string& why) {
    for (const std::string& verb : kVerbs) {
      EXPECT_EQ(SpoolAt(file, {verb}), 1) << verb << out;
      EXPECT_EQ(out, "") << verb;
      EXPECT_THAT(err, AllOf(StartsWith("sluicectl: "), HasSubstr(file), HasSubstr(why))) << verb;
    }
  }
};

TEST_F(SpoolFileTest, MustBeGivenAndExist) {
  for (const std::string& verb : kVerbs) {
    EXPECT_EQ(SpoolAt("", {verb}), 2) << verb;
    EXPECT_EQ(err, "sluicectl: --path FILE is required: spool.path of ingest.yaml\n");
  }
  ExpectFailure(path, "there is no file");
  ExpectFailure(path + "/below", "there is no file");
  EXPECT_TRUE(fs::is_empty(directory.path())) << "it must not create a file";
}

TEST_F(SpoolFileTest, HasNoCallbacksIfNoneWasRefused) {
  OtherProcess ingest(path);
  ingest.Do("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE t(x)");
  ExpectNone(path);
  EXPECT_FALSE(fs::exists(refused.path()));
}

TEST_F(SpoolFileTest, IsReadWhileTheSpoolIsLockedOrMissing) {
  KeepThree();
  EXPECT_EQ(Spool({"list"}), 0) << "without the spool: " << err;
  OtherProcess ingest(path);
  ingest.Do("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE t(x)");
  EXPECT_EQ(Spool({"list"}), 0) << err;
  EXPECT_EQ(Spool({"retry"}), 0) << err;
  EXPECT_EQ(refused.Count()->to_be_retried, 3U);
}

TEST_F(SpoolFileTest, MayBeGivenByItsOwnName) {
  KeepThree();
  directory.Write("spool.db", "");
  EXPECT_EQ(SpoolAt(refused.path(), {"retry"}), 0) << err;
  EXPECT_EQ(refused.Count()->to_be_retried, 3U);
}

TEST_F(SpoolFileTest, IsRejectedIfItIsNotASpool) {
  const std::string text = directory.Write("ingest.yaml", "spool: { path: secret-1 }\n");
  ExpectFailure(text, "is not a readable spool");
  ExpectFailure(directory.path().string(), "is not a readable spool");
  EXPECT_THAT(err, Not(HasSubstr("secret-1")));
  const std::string garbage(10'000, 'x');
  directory.Write("spool.db.refused", garbage);
  ExpectFailure(path, "file is not a database");
  EXPECT_EQ(tests::ReadFile(refused.path()), garbage);
  fs::remove(refused.path());
  fs::create_directory(refused.path());
  ExpectFailure(path, "is not a file");
}

TEST_F(SpoolFileTest, IsRejectedIfItIsAnotherDatabaseOrVersion) {
  OtherProcess(refused.path()).Do("CREATE TABLE refused(x); PRAGMA user_version = 1");
  ExpectFailure(path, "it is a database of something else");
  fs::remove(refused.path());
  KeepThree();
  OtherProcess(refused.path()).Do("PRAGMA user_version = 2");
  ExpectFailure(path, "it has version 2, not 1");
  EXPECT_FALSE(refused.Keep(std::vector{Sample("r4", "")})) << "nor does ingest write to it";
}

TEST_F(SpoolFileTest, MayBeEmptyAndStaysEmpty) {
  directory.Write("spool.db.refused", "");
  ExpectNone(path);
  EXPECT_EQ(fs::file_size(refused.path()), 0U);
  KeepThree();
  ASSERT_TRUE(refused.Remove(std::vector<std::string>{"r1", "r2", "r3"}));
  ExpectNone(path);
}

TEST_F(SpoolFileTest, IsReadableButNotMarkableWithoutWritePermission) {
  KeepThree();
  fs::permissions(refused.path(), fs::perms(0444));
  fs::permissions(directory.path(), fs::perms(0555));
  {
    const AsAnotherUser reader;
    EXPECT_EQ(Spool({"export"}), 0) << err;
    EXPECT_THAT(out, HasSubstr("secret-1"));
    EXPECT_EQ(Spool({"retry"}), 1);
    EXPECT_THAT(err, HasSubstr(refused.path() + ": mark refused callbacks: attempt to write a "
                                                "readonly database"));
  }
  fs::permissions(directory.path(), fs::perms(0755));
  EXPECT_EQ(refused.Count()->to_be_retried, 0U);
}

TEST_F(SpoolFileTest, IsRestrictedToItsOwnerOnReading) {
  KeepThree();
  fs::permissions(refused.path(), fs::perms(0644));
  EXPECT_EQ(Spool({"list"}), 0) << err;
  EXPECT_EQ(fs::status(refused.path()).permissions(), fs::perms(0600));
}

TEST_F(SpoolFileTest, IsAwaitedWhileIngestWrites) {
  KeepThree();
  for (const std::string& verb : kVerbs) {
    OtherProcess ingest(refused.path());
    ingest.Do("BEGIN EXCLUSIVE");
    auto status = std::async(std::launch::async, [&] { return Spool({verb}); });
    EXPECT_EQ(status.wait_for(std::chrono::milliseconds(400)), std::future_status::timeout);
    ingest.Do("COMMIT");
    EXPECT_EQ(status.get(), 0) << verb << err;
  }
}

TEST_F(SpoolFileTest, IsReportedAsLockedIfIngestKeepsTheLock) {
  KeepThree();
  OtherProcess other(refused.path());
  other.Do("BEGIN EXCLUSIVE");
  EXPECT_EQ(Spool({"retry"}), 1);
  EXPECT_THAT(err, AllOf(HasSubstr(refused.path()), HasSubstr("database is locked")));
}

TEST_F(SpoolFileTest, IsShownUpToTheDamage) {
  std::vector<ingest::RefusedCallback> many;
  for (int i = 0; i < 1000; ++i) many.push_back(Sample("r" + std::to_string(i), "secret"));
  Keep(many);
  const auto size = static_cast<std::streamoff>(fs::file_size(refused.path()));
  const std::streamoff from = size / 4096 / 2 * 4096;
  std::fstream file(refused.path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(from);
  file << std::string(static_cast<std::size_t>(size - from), '\x7f');
  file.close();
  EXPECT_EQ(Spool({"export"}), 1);
  EXPECT_THAT(out, HasSubstr("\"r0\""));
  EXPECT_THAT(err,
              AllOf(HasSubstr(refused.path()), HasSubstr("malformed"), Not(HasSubstr("secret"))));
}

}  // namespace
}  // namespace ctl
