#pragma once

#include <span>

#include "ops/ctl/command_line.h"
#include "ops/ctl/output.h"

namespace ctl {

/// Every command there is.
[[nodiscard]] std::span<const Command> Commands();

common::Result<int> CreateTopics(const Arguments& arguments, Output& output);
common::Result<int> CheckTopics(const Arguments& arguments, Output& output);
common::Result<int> SendCallbacks(const Arguments& arguments, Output& output);
common::Result<int> ListProviders(const Arguments& arguments, Output& output);
common::Result<int> ListDead(const Arguments& arguments, Output& output);
common::Result<int> ShowDead(const Arguments& arguments, Output& output);
common::Result<int> RedriveDead(const Arguments& arguments, Output& output);
common::Result<int> ShowStatus(const Arguments& arguments, Output& output);
common::Result<int> ListTransactions(const Arguments& arguments, Output& output);
common::Result<int> EndTransactions(const Arguments& arguments, Output& output);
common::Result<int> ListSpool(const Arguments& arguments, Output& output);
common::Result<int> ShowSpool(const Arguments& arguments, Output& output);
common::Result<int> RetrySpool(const Arguments& arguments, Output& output);
common::Result<int> ExportSpool(const Arguments& arguments, Output& output);
common::Result<int> Audit(const Arguments& arguments, Output& output);

}  // namespace ctl
