#include "ingest/preflight/spool_sight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

#include "tests/support/temp_directory.h"

namespace ingest {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kMiB = 1024 * 1024;
const SpoolConfig kConfig{
    .path = "/s/spool.db", .max_bytes = 100 * kMiB, .min_free_disk = 50 * kMiB};

SpoolSight Good() {
  return {.folder = "/s",
          .is_folder = true,
          .is_folder_writable = true,
          .is_disk_known = true,
          .free_bytes = 200 * kMiB,
          .kind = 0xef53};  // ext4
}

std::string LineOf(const SpoolSight& sight) {
  common::preflight::Report report;
  JudgeSpool(kConfig, kMiB, sight, report);
  return report.Render();
}

TEST(SpoolSight, IsWellOnALocalDiskWithRoom) {
  EXPECT_EQ(LineOf(Good()), "ok spool: /s is writable, and its disk has 200MiB free\n");
}

struct Row {
  const char* name;
  std::function<void(SpoolSight&)> change;
  const char* line;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class SpoolLine : public testing::TestWithParam<Row> {};

TEST_P(SpoolLine, NamesFaultAndRemedy) {
  SpoolSight sight = Good();
  GetParam().change(sight);
  EXPECT_THAT(LineOf(sight), HasSubstr(GetParam().line));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, SpoolLine,
    testing::Values(
        Row{"no_folder", [](SpoolSight& sight) { sight = {.folder = "/s"}; },
            "wrong spool: the folder /s of spool.path does not exist: create it"},
        Row{"folder_of_another", [](SpoolSight& sight) { sight.is_folder_writable = false; },
            "wrong spool: this user cannot write to /s: run the check as the service's user"},
        Row{"read_only", [](SpoolSight& sight) { sight.is_read_only = true; },
            "wrong spool: /s is mounted read-only"},
        Row{"no_file", [](SpoolSight& sight) { sight.is_file = false; },
            "wrong spool: /s/spool.db is not a file"},
        Row{"file_of_another", [](SpoolSight& sight) { sight.is_file_writable = false; },
            "wrong spool: this user cannot write to /s/spool.db"},
        Row{"nfs", [](SpoolSight& sight) { sight.kind = 0x6969; },
            "wrong spool: /s is on a network file system (NFS)"},
        Row{"cifs", [](SpoolSight& sight) { sight.kind = 0xff534d42; },
            "wrong spool: /s is on a network file system (CIFS)"},
        Row{"tmpfs", [](SpoolSight& sight) { sight.kind = 0x01021994; },
            "warning spool: /s is memory (tmpfs), which a reboot empties"},
        Row{"layer", [](SpoolSight& sight) { sight.kind = 0x794c7630; },
            "warning spool: /s is a container's layer"},
        Row{"full", [](SpoolSight& sight) { sight.free_bytes = 50 * kMiB; },
            "wrong spool: the disk has 50MiB free, and spool.min_free_disk leaves 50MiB of it, so "
            "the spool takes nothing"},
        Row{"room_for_one_body", [](SpoolSight& sight) { sight.free_bytes = 51 * kMiB; },
            "warning spool: the disk has 51MiB free"},
        Row{"little", [](SpoolSight& sight) { sight.free_bytes = 149 * kMiB; },
            "so the spool cannot grow by 100MiB to spool.max_bytes"},
        Row{"grown_already",
            [](SpoolSight& sight) {
              sight.free_bytes = 60 * kMiB;
              sight.used_bytes = 95 * kMiB;
            },
            "ok spool: "},
        Row{"silent_disk", [](SpoolSight& sight) { sight.is_disk_known = false; },
            "unasked spool: the disk of /s does not say what it is"}),
    [](const auto& row) { return row.param.name; });

TEST(SpoolSight, IsAWarningWithoutASpoolForProvidersThatSendOnce) {
  common::preflight::Report report;
  JudgeNoSpool({"paper", "connect"}, report);
  EXPECT_THAT(report.Render(),
              HasSubstr("warning spool: none is configured, so callbacks of paper, "
                        "connect, which need not come again, are lost"));
  common::preflight::Report none;
  JudgeNoSpool({}, none);
  EXPECT_EQ(none.status(), 0);
}

TEST(LookAtSpool, WritesNothing) {
  const tests::TempDirectory directory;
  const SpoolSight sight = LookAtSpool(directory.path() / "spool.db");
  EXPECT_TRUE(sight.is_folder && sight.is_folder_writable && sight.is_disk_known);
  EXPECT_FALSE(sight.exists);
  EXPECT_GT(sight.free_bytes, 0U);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_FALSE(LookAtSpool(directory.path() / "missing" / "spool.db").is_folder);
}

TEST(LookAtSpool, SeesAFolderInThePlaceOfTheFileAndTheSizeOfAnOldOne) {
  const tests::TempDirectory directory;
  EXPECT_FALSE(LookAtSpool(directory.path()).is_file);
  const std::string file = directory.Write("spool.db", "12345");
  (void)directory.Write("spool.db-wal", "678");
  const SpoolSight sight = LookAtSpool(file);
  EXPECT_TRUE(sight.exists && sight.is_file && sight.is_file_writable);
  EXPECT_EQ(sight.used_bytes, 8U);
}

}  // namespace
}  // namespace ingest
