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
    std::string_view stream_sid;     ///< valid until the next parse
    bool inbound = true;             ///< track; absent counts as inbound
    std::uint64_t timestamp_ms = 0;  ///< since the stream began
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

/// Parses one frame at a time, reusing its buffers: no allocation per media frame. One per stream; not thread-safe.
class StreamMessageParser {
public:
    StreamMessageParser();
    ~StreamMessageParser();
    StreamMessageParser(StreamMessageParser&&) noexcept;

    /// Numbers may come as strings or plain (look-alike servers). Keeps no memory of earlier messages.
    StreamMessage parse(std::string_view frame);

private:
    struct Buffers;
    std::unique_ptr<Buffers> buffers_;
};

/// The protocol of one stream, message by message: before start, double start, other streams' frames, gaps (filled with
/// silence), old frames, frames after stop. Turns messages into a gapless flow of audio. Not thread-safe.
class StreamReceiver {
public:
    struct Audio {
        std::span<const std::uint8_t> mulaw;  ///< valid until the next accept()
        std::uint64_t silence_before_ms = 0;  ///< gap in the timestamps before it, at most 5,000
        std::uint64_t timestamp_ms = 0;       ///< of its first byte
    };
    struct Started {
        StreamStart start;
    };
    struct Key {
        char digit;
    };
    struct Mark {
        std::string name;
    };
    struct Stopped {};
    struct Nothing {
        std::string_view why_ignored;
    };  ///< empty for `connected`
    using Event = std::variant<Started, Audio, Key, Mark, Stopped, Nothing>;

    Event accept(std::string_view frame);

private:
    StreamMessageParser parser_;
    std::string stream_sid_;
    bool started_ = false;
    bool stopped_ = false;
    std::uint64_t next_ms_ = 0;
    bool heard_ = false;
};

/// {"event":"media",…} with base64 of `mulaw`; appends to `out`.
void write_media(std::string& out, std::string_view stream_sid, std::span<const std::uint8_t> mulaw);
void write_mark(std::string& out, std::string_view stream_sid, std::string_view name);
void write_clear(std::string& out, std::string_view stream_sid);

}  // namespace carevoice::twilio
