// A Twilio on this machine: REST API, callbacks, TwiML, media streams, and telephones that are answered.
//
// It speaks to a service over sockets only. Use it inside a test or beside a running service:
//
//     TwilioSimulator twilio(executor, options, random, metrics);
//     twilio.start();                              // then point TWILIO_API_BASE_URL at base_url()
//     twilio.phones().connect("+15555550101", …);  // who answers at which number
//     …
//     co_await twilio.stop();                      // every call ends, nothing is left running
#pragma once

#include "async/task.h"
#include "core/error.h"
#include "core/metrics.h"
#include "core/random.h"
#include "net/client.h"
#include "simulator/call_event.h"
#include "simulator/call_record.h"
#include "simulator/options.h"
#include "simulator/party.h"
#include "simulator/recordings.h"
#include "simulator/rest_api.h"

#include <memory>
#include <string>
#include <vector>

namespace carevoice::simulator {

/// Thread-safe but for start() and stop().
class TwilioSimulator {
public:
    /// `random` and `metrics` outlive it.
    TwilioSimulator(async::Executor executor, TwilioOptions options, Random& random, Metrics& metrics);
    ~TwilioSimulator();

    /// Listens and serves. Errc::unavailable when the port cannot be had.
    Result<> start();
    /// "http://127.0.0.1:PORT", after start().
    [[nodiscard]] std::string base_url() const;
    [[nodiscard]] std::uint16_t port() const;
    /// Drops all calls without callbacks, closes everything, and returns when all of it has ended.
    async::Task<> stop();

    [[nodiscard]] PhoneBook& phones() noexcept;
    /// Tells `observer` what happens in calls to `number`, or in all calls when it is empty, until it is replaced by
    /// an empty observer.
    void watch(std::string number, CallObserver observer);
    void set_faults(Faults faults);
    [[nodiscard]] const TwilioOptions& options() const noexcept;
    /// All calls, newest first.
    [[nodiscard]] std::vector<CallRecord> calls() const;
    [[nodiscard]] std::vector<SentMessage> messages() const;
    [[nodiscard]] RecordingBook& recordings() noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace carevoice::simulator
