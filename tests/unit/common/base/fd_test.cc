#include "common/base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <utility>

namespace common {
namespace {

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

Fd Open() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(Fd, ClosesTheDescriptorOnDestruction) {
  int raw = -1;
  {
    const Fd fd = Open();
    raw = fd.get();
    ASSERT_TRUE(IsOpen(raw));
  }
  EXPECT_FALSE(IsOpen(raw));
}

TEST(Fd, ClosesOnlyTheReplacedDescriptorOnMoveAssignment) {
  Fd first = Open();
  Fd second = Open();
  const int kept = first.get();
  const int replaced = second.get();
  second = std::move(first);
  EXPECT_EQ(second.get(), kept);
  EXPECT_TRUE(IsOpen(kept));
  EXPECT_FALSE(IsOpen(replaced));
}

}  // namespace
}  // namespace common
