#include "consumer/secret_reload.h"

#include <optional>
#include <set>

#include "common/base/deadline.h"

namespace consumer {

bool ReloadSecrets(const std::vector<SecretFile>& files, common::config::FileReads& reads,
                   std::chrono::milliseconds longest, const SecretTakers& takers) {
  const auto deadline = common::Deadline::After(longest);
  std::set<std::size_t> waiting;
  for (std::size_t account = 0; account < files.size(); ++account) {
    if (files[account].path.empty()) continue;
    reads.Begin(files[account].path);
    waiting.insert(account);
  }
  bool are_all_read = true;
  while (!waiting.empty()) {
    std::vector<std::string> unread;
    for (const std::size_t account : waiting) {
      const std::string& path = files[account].path;
      if (!reads.HasEnded(path)) unread.push_back(path);
    }
    const bool is_late = !unread.empty() && !reads.AwaitAny(unread, deadline);
    for (auto at = waiting.begin(); at != waiting.end();) {
      const SecretFile& file = files[*at];
      const auto found = reads.Find(file.path);
      if (!found && !is_late) {
        ++at;
        continue;
      }
      if (found && *found) {
        takers.take(*at, **found);
      } else {
        are_all_read = false;
        takers.keep_old(file.account, found ? found->error().detail
                                            : "the file " + file.path + " was not read within " +
                                                  std::to_string(longest.count()) +
                                                  " ms: its disk or mount hangs");
      }
      at = waiting.erase(at);
    }
  }
  reads.Forget();
  return are_all_read;
}

}  // namespace consumer
