#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/fd.h"
#include "ingest/acceptance/callback_sink.h"

namespace bench {

/// A lower bound for any storage of callbacks: appends and syncs, nothing else.
class BareLog final : public ingest::CallbackSink {
 public:
  explicit BareLog(const std::string& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    const std::string zeros(std::size_t{1} << 20U, '\0');
    for (std::size_t at = 0; at < kSize; at += zeros.size()) Write(zeros, at);
    if (::fsync(file_.get()) != 0) throw std::runtime_error(path + " cannot be synced");
  }

  void Start(ingest::StorageListener& listener) {
    thread_ = std::jthread([this, &listener](const std::stop_token& stop) { Run(stop, listener); });
  }

  ingest::Offered Offer(ingest::CallbackNumber number, common::Envelope envelope) override {
    {
      const std::lock_guard lock(mutex_);
      numbers_.push_back(number);
      // The same number of bytes as in the spool.
      bytes_ += envelope.provider + envelope.key + envelope.request_id + *envelope.content_type +
                "00000000" + "00000000" + envelope.body;
    }
    woken_.notify_one();
    return ingest::Offered::kTaken;
  }

 private:
  static constexpr std::size_t kSize = std::size_t{64} << 20U;  ///< Then it starts over.

  void Write(std::string_view bytes, std::size_t at) const {
    if (::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) !=
        static_cast<ssize_t>(bytes.size())) {
      throw std::runtime_error("the log cannot be written");
    }
  }

  void Run(const std::stop_token& stop, ingest::StorageListener& listener) {
    std::vector<ingest::CallbackNumber> numbers;
    std::vector<ingest::StorageReport> reports;
    std::string bytes;
    std::size_t at = 0;
    while (true) {
      numbers.clear();
      bytes.clear();
      reports.clear();
      {
        std::unique_lock lock(mutex_);
        if (!woken_.wait(lock, stop, [this] { return !numbers_.empty(); })) return;
        numbers.swap(numbers_);
        bytes.swap(bytes_);
      }
      if (at + bytes.size() > kSize) at = 0;
      Write(bytes, at);
      at += bytes.size();
      if (::fdatasync(file_.get()) != 0) throw std::runtime_error("the log cannot be synced");
      for (const ingest::CallbackNumber number : numbers) {
        reports.push_back({.number = number, .outcome = ingest::StorageOutcome::kSpooled});
      }
      listener.OnReports(reports);
    }
  }

  const common::Fd file_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::vector<ingest::CallbackNumber> numbers_;
  std::string bytes_;
  std::jthread thread_;  // Last: its destructor joins the thread that uses the members above.
};

}  // namespace bench
