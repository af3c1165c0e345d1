// The WebSocket text frames that Twilio sends, and the reading of those that it receives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace carevoice::simulator {

struct StreamIdentity {
    std::string account_sid;
    std::string call_sid;
    std::string stream_sid;
};

/// Numbers the messages of one stream, as Twilio does: all but `connected` share one sequence.
class FrameWriter {
public:
    explicit FrameWriter(StreamIdentity identity) : identity_(std::move(identity)) {}

    [[nodiscard]] static std::string connected();
    std::string start(const std::vector<std::pair<std::string, std::string>>& parameters);
    std::string media(std::span<const std::uint8_t> mulaw);
    std::string mark(std::string_view name);
    std::string stop();

    [[nodiscard]] std::uint64_t chunks() const noexcept { return chunk_; }

private:
    StreamIdentity identity_;
    std::uint64_t sequence_ = 0;
    std::uint64_t chunk_ = 0;
};

// What the service may send on a two-way stream.
struct PlayMedia {
    std::vector<std::uint8_t> mulaw;
};
struct PlayMark {
    std::string name;
};
struct PlayClear {};
/// 31951: warned about once a stream, otherwise ignored.
struct PlayInvalid {
    std::string why;
};
using PlayMessage = std::variant<PlayMedia, PlayMark, PlayClear, PlayInvalid>;

/// Strict as Twilio: right streamSid, no missing and no extra fields.
PlayMessage read_play_message(std::string_view frame, std::string_view stream_sid);

}  // namespace carevoice::simulator
