// Sentences to vectors: the encoder of all-MiniLM-L6-v2 (BERT, 6 layers, 384 wide; Wang et al. 2020, Reimers and
// Gurevych 2019) on ggml, mean of the token vectors, scaled to length 1. One thread, a few milliseconds an utterance.
#pragma once

#include "core/error.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::ai {

inline constexpr std::size_t sentence_width = 384;

/// Of length 1, so that a dot product is the cosine.
using SentenceVector = std::array<float, sentence_width>;

/// A learned change of one matrix, in two thin ones (LoRA; Hu et al. 2021): tensor += up * down.
struct EncoderAdapter {
    std::string tensor;  ///< "encoder.layer.0.attention.self.query.weight"
    std::size_t rank = 0;
    std::size_t rows = 0;  ///< of the matrix
    std::size_t columns = 0;
    std::vector<float> down;  ///< rank x columns
    std::vector<float> up;    ///< rows x rank
};

class SentenceEncoder {
public:
    /// `folder` holds model.safetensors and vocab.txt as ./dev setup leaves them. Reads 91 MB, keeps 23 MB of it beside
    /// the word table. Errc::not_found when there is no such file, corrupt when it is not that model.
    /// `adapters` are worked into the matrices; one for a matrix that is not there is corrupt.
    static Result<SentenceEncoder> load(const std::filesystem::path& folder,
                                        std::span<const EncoderAdapter> adapters = {});

    SentenceEncoder(SentenceEncoder&&) noexcept;
    SentenceEncoder& operator=(SentenceEncoder&&) noexcept;
    ~SentenceEncoder();

    /// The first 128 word pieces count (about 90 words). Blocks for 2 to 10 ms. Thread-safe; calls share the weights
    /// and each has its own working memory. Errc::unavailable when that memory cannot be had.
    [[nodiscard]] Result<SentenceVector> encode(std::string_view sentence) const;

private:
    class Model;
    explicit SentenceEncoder(std::unique_ptr<const Model> model);
    std::unique_ptr<const Model> model_;
};

}  // namespace carevoice::ai
