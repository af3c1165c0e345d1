// What can go wrong between Twilio and us, to be switched on one by one.
#pragma once

#include "core/random.h"
#include "core/time.h"

#include <mutex>
#include <optional>

namespace carevoice::simulator {

/// Chances are 0 to 1 per event. The same seed strikes at the same places as long as the events come in the same order.
struct Faults {
    // Calls.json and Messages.json, creates only. Each strike of the first five counts against `creates_left`.
    double create_429 = 0;            ///< 20429; no call exists
    double create_500 = 0;            ///< 20500 as JSON; the call exists nevertheless
    double create_html = 0;           ///< 502 with a gateway's HTML page; no call exists
    double create_never_answers = 0;  ///< the call exists and rings, the response never comes
    double create_slow = 0;           ///< the response comes after `create_delay`
    int creates_left = -1;            ///< how many creates may still go wrong; -1: no limit
    milliseconds create_delay{3'000};
    double update_500 = 0;         ///< a live update is refused with 20500 and has no effect
    double recording_refused = 0;  ///< a call that Twilio will not record (21220)

    // Callbacks: status, machine detection, stream status.
    double callback_late = 0;
    milliseconds callback_late_most{2'000};  ///< uniform up to this
    double callback_doubled = 0;
    double callback_reordered = 0;  ///< held back until after the next one (at most 1.5 s)
    double callback_dropped = 0;

    // Media.
    double stream_refused = 0;  ///< Twilio cannot open it: stream-error, no connection
    double stream_lost = 0;     ///< the socket breaks `stream_lost_after` after its start, without a stop message
    milliseconds stream_lost_after{5'000};
};

enum class CreateFault { none, too_many_requests, server_error, gateway_page, never_answers, slow };

/// Thread-safe holder, so that a test can change the weather while calls run.
class FaultBox {
public:
    FaultBox(Faults faults, Random& random) : faults_(faults), random_(random) {}

    void set(Faults faults);
    [[nodiscard]] Faults get() const;

    CreateFault draw_create_fault();
    /// True with the chance in that member: `draw(&Faults::callback_doubled)`.
    bool draw(double Faults::*chance);
    /// nullopt: this stream lives.
    std::optional<milliseconds> draw_stream_loss();
    /// Zero: in time.
    milliseconds draw_callback_delay();

private:
    mutable std::mutex mutex_;
    Faults faults_;
    Random& random_;
};

}  // namespace carevoice::simulator
