#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/domain/ids.h"
#include "common/domain/record_headers.h"

namespace ctl {

/// A dossier's id, as records may name it.
class DossierName {
 public:
  /// `id`: normalised.
  explicit DossierName(std::string id);

  [[nodiscard]] const common::DossierId& id() const { return id_; }

  /// True if the bytes contain the id, in whatever case it is written: for records of another form,
  /// such as a callback without a processId. False for an id of less than 16 bytes, which may occur
  /// by accident.
  [[nodiscard]] bool IsIn(std::string_view bytes) const;
  [[nodiscard]] bool IsIn(const common::RecordHeaders& headers) const;

 private:
  common::DossierId id_;
  std::string lower_;
};

}  // namespace ctl
