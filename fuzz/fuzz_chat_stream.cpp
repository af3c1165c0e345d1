// What a chat server streams, in pieces of any size. The first byte chooses the format and the size. Properties: no
// crash, limits hold, an answer is a JSON object with something to speak, and how the bytes are split changes nothing.
#include "ai/answer_reader.h"
#include "ai/gemini_format.h"
#include "ai/openai_format.h"
#include "ai/server_error.h"
#include "core/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace carevoice;
using ai::AnswerReader;
using ai::ChatAnswer;
using ai::ReadChunk;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const ChatAnswer& answer, const std::string& speak) {
    require(!speak.empty() && speak.size() <= 2'000 && is_valid_utf8(speak));
    require(answer.text.starts_with('{') && answer.text.ends_with('}') && answer.text.size() <= 16UL * 1024);
    require(answer.usage.input_tokens >= 0 && answer.usage.output_tokens >= 0);
}

Result<ChatAnswer> read(ReadChunk read_chunk, std::string_view bytes, std::size_t piece) {
    AnswerReader reader(read_chunk);
    std::string speak;
    while (!bytes.empty()) {
        const auto count = std::min(piece, bytes.size());
        const auto fed = reader.feed(bytes.substr(0, count));
        if (fed.has_error()) return fed.error();
        if (reader.speak() && speak.empty()) speak = *reader.speak();
        bytes.remove_prefix(count);
    }
    const auto ended = reader.end();
    if (ended.has_error()) return ended.error();
    require(reader.is_usable() && reader.speak().has_value());
    require(speak.empty() || speak == *reader.speak());
    speak = *reader.speak();
    ChatAnswer answer = reader.take();
    check(answer, speak);
    return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 32UL * 1024) return 0;  // larger ones meet limits at different times
    const ReadChunk read_chunk = data[0] >= 128U ? ai::read_openai_chunk : ai::read_gemini_chunk;
    const std::size_t piece = 1 + data[0] % 64U;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = read(read_chunk, bytes, bytes.size());
    const auto split = read(read_chunk, bytes, piece);
    require(whole.has_value() == split.has_value());
    if (whole.has_value())
        require(whole->text == split->text && whole->finish == split->finish &&
                whole->model_version == split->model_version);
    else
        require(whole.error() == split.error());

    const auto error = ai::read_server_error(429, bytes.substr(0, bytes.find('\n')), bytes);
    require(error.error.provider_code == 429 && error.wait >= milliseconds(0) && error.wait <= milliseconds(3'600'000));
    require(error.error.detail.size() < 200);
    return 0;
}
