// Messages of Twilio Media Streams (WebSocket text frames), read with simdjson, written by hand-sized writers.
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace carevoice::twilio {

struct StreamConnected {};

struct StreamStart {
    std::string stream_sid;
    std::string account_sid;
    std::string call_sid;
    std::vector<std::pair<std::string, std::string>> parameters;  ///< customParameters
};

struct StreamMedia {
    std::string_view stream_sid;                ///< valid until the next parse
    bool inbound = true;                        ///< track; absent counts as inbound
    std::optional<std::uint64_t> timestamp_ms;  ///< since the stream began; nullopt when absent (look-alike servers)
    std::uint64_t sequence = 0;                 ///< of all messages of the stream; 0 when absent or odd
    std::span<const std::uint8_t>
        mulaw;  ///< 8 kHz mono mu-law, decoded from base64; valid until the next parse; may be empty
};

struct StreamDtmf {
    std::string_view stream_sid;
    char digit = 0;  ///< 0-9 * # A-D
};

struct StreamMark {
    std::string_view stream_sid;
    std::string name;
};

struct StreamStop {
    std::string_view stream_sid;
};

/// Well-formed but of no use to us, or malformed: to be counted and ignored, never an end of the stream.
struct StreamIgnored {
    std::string_view reason;  ///< constant text: "not JSON", "unknown event", …
};

using StreamMessage =
    std::variant<StreamConnected, StreamStart, StreamMedia, StreamDtmf, StreamMark, StreamStop, StreamIgnored>;

/// Longer frames are ignored unread: 64 kB of base64 is six seconds of audio.
constexpr std::size_t stream_frame_bytes_max = std::size_t{64} * 1024;

/// Parses one frame at a time, reusing its buffers: no allocation per media frame once it has seen one. One per stream;
/// not thread-safe.
class StreamMessageParser {
public:
    StreamMessageParser();
    ~StreamMessageParser();
    StreamMessageParser(StreamMessageParser&&) noexcept;
    StreamMessageParser& operator=(StreamMessageParser&&) noexcept;

    /// Numbers may come as strings or plain (look-alike servers). Keeps no memory of earlier messages.
    StreamMessage parse(std::string_view frame);

private:
    struct Buffers;
    std::unique_ptr<Buffers> buffers_;
};

/// The protocol of one stream, message by message: before start, double start, other streams' frames, gaps (filled with
/// silence), old frames, frames after stop. Turns messages into a gapless flow of audio. Not thread-safe.
///
/// Time is counted in received bytes, so that jitter of the timestamps under 10 ms adds nothing. A timestamp more than
/// 5 s off, ahead or behind, is another clock rather than a gap: 5 s of silence at most, and time goes on from there.
class StreamReceiver {
public:
    struct Audio {
        std::span<const std::uint8_t> mulaw;  ///< valid until the next accept(); may be empty
        std::uint64_t silence_before_ms = 0;  ///< gap in the timestamps before it, at most 5,000
        std::uint64_t timestamp_ms = 0;       ///< of its first byte, as Twilio counts
    };
    struct Started {
        StreamStart start;
    };
    struct Key {
        char digit;
    };
    struct Mark {
        std::string name;  ///< may be one that was never sent: the sender's own list decides
    };
    struct Stopped {};
    struct Nothing {
        std::string_view why_ignored;
    };  ///< empty for `connected`
    using Event = std::variant<Started, Audio, Key, Mark, Stopped, Nothing>;

    Event accept(std::string_view frame);

private:
    Event accept_start(StreamStart start);
    Event accept_media(const StreamMedia& media);
    /// Why a message of `stream_sid` is not for us now; empty when it is.
    [[nodiscard]] std::string_view refusal(std::string_view stream_sid) const;

    StreamMessageParser parser_;
    std::string stream_sid_;
    bool started_ = false;
    bool stopped_ = false;
    bool heard_ = false;         ///< at least one frame of audio
    std::uint64_t next_us_ = 0;  ///< where the audio received so far ends
    std::uint64_t last_ms_ = 0;  ///< timestamp of the newest frame
    std::uint64_t last_sequence_ = 0;
};

/// {"event":"media",…} with base64 of `mulaw`; appends to `out`. Only for two-way streams, and no other fields: Twilio
/// refuses a message with fields that it does not know (31951).
void write_media(std::string& out, std::string_view stream_sid, std::span<const std::uint8_t> mulaw);
void write_mark(std::string& out, std::string_view stream_sid, std::string_view name);
void write_clear(std::string& out, std::string_view stream_sid);

}  // namespace carevoice::twilio
