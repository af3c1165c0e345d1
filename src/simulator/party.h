// Whoever is at the other end of a call, and the line as that party sees it.
#pragma once

#include "async/task.h"
#include "core/ids.h"
#include "core/time.h"
#include "simulator/clip.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace carevoice::simulator {

/// What the party can do to the line. On the call's strand, while the call lives.
class Line {
public:
    virtual ~Line() = default;
    /// Starts to say `text`, which sounds like `clip`. `confidence` is what Twilio's recogniser makes of it in a
    /// Gather; 0: it hears nothing. Returns when the sound ends.
    virtual SteadyTime speak(SharedClip clip, std::string text, double confidence) = 0;
    virtual void press(char key) = 0;
    virtual void hang_up() = 0;
};

enum class Pickup { answers, busy, no_answer, unreachable };

/// Machine detection's opinion.
struct Verdict {
    bool machine = false;
    milliseconds greeting_ends{0};  ///< machine only: when its beep is over, from the pick-up
};

/// All calls come on the call's strand.
class Party {
public:
    virtual ~Party() = default;
    virtual Pickup on_ring() = 0;
    [[nodiscard]] virtual Verdict verdict() const { return {}; }
    /// The call was answered; lives until close() was called or the party hangs up. `line` outlives it.
    virtual async::Task<> live(Line& line) = 0;
    /// The voice begins to speak and, left alone, ends at `ends_at` (unknown, far away, when audio is streamed).
    virtual void voice_begins(std::string text, SteadyTime ends_at) = 0;
    virtual void voice_ends(bool cut_off) = 0;
    /// The call is over: live() ends soon after.
    virtual void close() = 0;
};

/// Who answers at which number. Thread-safe.
class PhoneBook {
public:
    using Answer = std::function<std::shared_ptr<Party>(const CallSid&)>;

    void connect(std::string number, Answer answer);
    void disconnect(const std::string& number);
    /// nullptr when nobody has that number: it rings and nobody answers.
    [[nodiscard]] std::shared_ptr<Party> ring(const std::string& number, const CallSid& sid) const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, Answer> entries_;
};

}  // namespace carevoice::simulator
