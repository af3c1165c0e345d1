#include "speech/whisper_file.h"

#include <ggml.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <span>

namespace carevoice::speech {

namespace {

class Walk {
public:
    explicit Walk(const std::filesystem::path& path) : file_(path, std::ios::binary | std::ios::ate) {
        if (!file_) return;
        left_ = static_cast<std::int64_t>(file_.tellg());
        file_.seekg(0);
    }
    [[nodiscard]] bool is_there() const { return file_.is_open(); }
    [[nodiscard]] bool at_end() const { return left_ == 0; }

    bool read(std::span<std::int32_t> numbers) {
        const auto size = static_cast<std::int64_t>(numbers.size_bytes());
        if (size > left_) return false;
        file_.read(reinterpret_cast<char*>(numbers.data()), size);
        left_ -= size;
        return file_.good();
    }
    bool skip(std::int64_t size) {
        if (size < 0 || size > left_) return false;
        file_.seekg(size, std::ios::cur);
        left_ -= size;
        return file_.good();
    }

private:
    std::ifstream file_;
    std::int64_t left_ = 0;
};

bool walk_header(Walk& walk) {
    std::array<std::int32_t, 12> numbers{};
    if (!walk.read(numbers)) return false;
    const auto& [magic, vocabulary, audio_ctx, audio_state, audio_heads, audio_layers, text_ctx, text_state, text_heads,
                 text_layers, mels, type] = numbers;
    const auto sane = [](std::int32_t state, std::int32_t heads, std::int32_t layers) {
        return state > 0 && state <= 2'048 && state % 64 == 0 && heads == state / 64 && layers > 0 && layers <= 48;
    };
    return magic == 0x67676d6c && vocabulary > 51'000 && vocabulary < 53'000 && audio_ctx == 1'500 && text_ctx == 448 &&
           sane(audio_state, audio_heads, audio_layers) && sane(text_state, text_heads, text_layers) &&
           (mels == 80 || mels == 128) && type >= 0 && type < 3'000;
}

bool walk_filters_and_words(Walk& walk) {
    std::array<std::int32_t, 2> filters{};
    if (!walk.read(filters) || filters[0] < 1 || filters[0] > 128 || filters[1] < 1 || filters[1] > 1'024) return false;
    if (!walk.skip(std::int64_t{4} * filters[0] * filters[1])) return false;
    std::array<std::int32_t, 1> count{};
    if (!walk.read(count) || count[0] < 1 || count[0] > 60'000) return false;
    for (std::int32_t word = 0; word < count[0]; ++word) {
        std::array<std::int32_t, 1> length{};
        if (!walk.read(length) || !walk.skip(length[0])) return false;
    }
    return true;
}

bool walk_tensor(Walk& walk) {
    std::array<std::int32_t, 3> head{};
    if (!walk.read(head)) return false;
    const auto [dimensions, name_length, type] = head;
    if (dimensions < 1 || dimensions > 4 || name_length < 1 || name_length > 256) return false;
    if (type < 0 || type >= GGML_TYPE_COUNT) return false;
    std::array<std::int32_t, 4> sizes{1, 1, 1, 1};
    if (!walk.read(std::span(sizes).first(static_cast<std::size_t>(dimensions)))) return false;
    std::int64_t elements = 1;
    for (const std::int32_t size : sizes) {
        if (size < 1 || size > 100'000'000 || elements > 1'000'000'000) return false;
        elements *= size;
    }
    const auto kind = static_cast<ggml_type>(type);
    const auto block = ggml_blck_size(kind);
    if (block < 1 || elements > 4'000'000'000) return false;
    return walk.skip(name_length) && walk.skip(elements / block * static_cast<std::int64_t>(ggml_type_size(kind)));
}

}  // namespace

Result<> check_whisper_file(const std::filesystem::path& model) {
    Walk walk(model);
    if (!walk.is_there())
        return Error{Errc::not_found, "no speech model at " + model.string() + ": ./dev setup brings the base model"};
    if (!walk_header(walk)) return Error{Errc::corrupt, model.string() + " is not a Whisper model in ggml format"};
    bool whole = walk_filters_and_words(walk);
    while (whole && !walk.at_end()) whole = walk_tensor(walk);
    if (!whole) return Error{Errc::corrupt, model.string() + " is damaged: fetch it again"};
    return {};
}

}  // namespace carevoice::speech
