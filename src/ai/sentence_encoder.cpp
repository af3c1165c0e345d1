#include "ai/sentence_encoder.h"

#include "ai/safetensors.h"
#include "ai/word_pieces.h"

#include <ggml-cpu.h>
#include <ggml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace carevoice::ai {

namespace {

constexpr std::size_t pieces_max = 128;
constexpr std::size_t vocabulary_size = 30522;
constexpr std::size_t positions = 512;
constexpr std::size_t layer_count = 6;
constexpr std::int64_t head_count = 12;
constexpr std::int64_t width = sentence_width;
constexpr std::int64_t head_width = width / head_count;
constexpr std::size_t inner_width = 4 * sentence_width;
constexpr float norm_epsilon = 1e-12F;

// Room for all intermediate results of pieces_max pieces: mostly the attention scores and the inner layer.
constexpr std::size_t workspace_bytes = 64UL * 1024 * 1024;
constexpr std::size_t graph_nodes = 512;

struct FreeContext {
    void operator()(ggml_context* context) const { ggml_free(context); }
};
using Context = std::unique_ptr<ggml_context, FreeContext>;

struct Dense {
    ggml_tensor* weight = nullptr;
    ggml_tensor* bias = nullptr;
};

struct Layer {
    Dense query, key, value, output, inner, outer;
    Dense norm_attention, norm_output;
};

}  // namespace

class SentenceEncoder::Model {
public:
    static Result<std::unique_ptr<const Model>> load(const std::filesystem::path& folder,
                                                     std::span<const EncoderAdapter> adapters);

    [[nodiscard]] Result<SentenceVector> encode(std::string_view sentence) const;

private:
    Result<> take_embeddings(const Safetensors& file);
    Result<> take_layer(const Safetensors& file, std::size_t index);
    Result<ggml_tensor*> take(const Safetensors& file, const std::string& name, std::size_t rows, std::size_t columns);
    Result<Dense> take_dense(const Safetensors& file, const std::string& name, std::size_t out, std::size_t in);
    Result<Dense> take_norm(const Safetensors& file, const std::string& name);

    [[nodiscard]] ggml_tensor* embed(ggml_context* work, std::span<const std::int32_t> ids) const;
    [[nodiscard]] Context lend_workspace() const;
    void take_back(Context workspace) const;

    WordPieces pieces_;
    std::vector<float> words_;   ///< vocabulary_size x width; looked up, never multiplied, so kept as it is
    std::vector<float> places_;  ///< positions x width, the type of the only segment already added
    Dense norm_embeddings_;
    std::array<Layer, layer_count> layers_;
    Context weights_;

    mutable std::mutex mutex_;
    mutable std::vector<Context> idle_;  ///< working memory that no call uses just now

    explicit Model(WordPieces pieces) : pieces_(std::move(pieces)) {}
};

namespace {

ggml_tensor* apply(ggml_context* work, const Dense& dense, ggml_tensor* input) {
    return ggml_add(work, ggml_mul_mat(work, dense.weight, input), dense.bias);
}

ggml_tensor* normalise(ggml_context* work, const Dense& norm, ggml_tensor* input) {
    return ggml_add(work, ggml_mul(work, ggml_norm(work, input, norm_epsilon), norm.weight), norm.bias);
}

// Each piece looks at all others: softmax(Q K^T / sqrt(d)) V per head (Vaswani et al. 2017).
ggml_tensor* attend(ggml_context* work, const Layer& layer, ggml_tensor* input) {
    const std::int64_t count = input->ne[1];
    const auto heads = [&](const Dense& dense) {
        return ggml_reshape_3d(work, apply(work, dense, input), head_width, head_count, count);
    };
    ggml_tensor* query = ggml_permute(work, heads(layer.query), 0, 2, 1, 3);
    ggml_tensor* key = ggml_permute(work, heads(layer.key), 0, 2, 1, 3);
    ggml_tensor* value = ggml_cont(work, ggml_permute(work, heads(layer.value), 1, 2, 0, 3));
    ggml_tensor* scores = ggml_soft_max_ext(work, ggml_mul_mat(work, key, query), nullptr,
                                            1.0F / std::sqrt(static_cast<float>(head_width)), 0.0F);
    ggml_tensor* seen = ggml_permute(work, ggml_mul_mat(work, value, scores), 0, 2, 1, 3);
    return apply(work, layer.output, ggml_cont_2d(work, seen, width, count));
}

ggml_tensor* run_layer(ggml_context* work, const Layer& layer, ggml_tensor* input) {
    ggml_tensor* attended = normalise(work, layer.norm_attention, ggml_add(work, attend(work, layer, input), input));
    ggml_tensor* inner = ggml_gelu_erf(work, apply(work, layer.inner, attended));
    return normalise(work, layer.norm_output, ggml_add(work, apply(work, layer.outer, inner), attended));
}

SentenceVector mean_of_length_one(const ggml_tensor* pieces) {
    SentenceVector mean{};
    const std::span numbers(static_cast<const float*>(pieces->data), static_cast<std::size_t>(ggml_nelements(pieces)));
    for (std::size_t at = 0; at < numbers.size(); ++at) mean[at % sentence_width] += numbers[at];
    float squares = 0;
    for (const float number : mean) squares += number * number;
    const float scale = squares > 0 ? 1.0F / std::sqrt(squares) : 0.0F;
    for (float& number : mean) number *= scale;
    return mean;
}

// In full precision, before the matrix is made small.
Result<> adapt(Safetensors& file, const EncoderAdapter& adapter) {
    const auto numbers = file.mutable_tensor(adapter.tensor, {adapter.rows, adapter.columns});
    if (!numbers) return numbers.error();
    for (std::size_t row = 0; row < adapter.rows; ++row) {
        for (std::size_t place = 0; place < adapter.rank; ++place) {
            const float up = adapter.up[row * adapter.rank + place];
            const float* down = adapter.down.data() + place * adapter.columns;
            float* out = numbers->data() + row * adapter.columns;
            for (std::size_t column = 0; column < adapter.columns; ++column) out[column] += up * down[column];
        }
    }
    return {};
}

Result<std::string> read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::not_found, "there is no file " + path.filename().string()};
    return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Result<std::unique_ptr<const SentenceEncoder::Model>> SentenceEncoder::Model::load(
    const std::filesystem::path& folder, std::span<const EncoderAdapter> adapters) {
    const auto vocabulary = read_text(folder / "vocab.txt");
    if (!vocabulary) return vocabulary.error();
    auto pieces = WordPieces::load(*vocabulary);
    if (!pieces) return pieces.error();
    if (pieces->size() != vocabulary_size) return Error{Errc::corrupt, "vocab.txt is not of the model's size"};
    auto file = Safetensors::read(folder / "model.safetensors");
    if (!file) return file.error();
    for (const EncoderAdapter& adapter : adapters) {
        if (const auto adapted = adapt(*file, adapter); !adapted) return adapted.error();
    }

    ggml_cpu_init();
    std::unique_ptr<Model> model(new Model(std::move(*pieces)));
    // 8-bit weights of the layers, 32-bit biases and norms, and ggml's own notes.
    model->weights_.reset(ggml_init({16UL * 1024 * 1024, nullptr, false}));
    if (!model->weights_) return Error{Errc::unavailable, "there is no memory for the sentence encoder"};
    if (const auto taken = model->take_embeddings(*file); !taken) return taken.error();
    for (std::size_t index = 0; index < layer_count; ++index) {
        if (const auto taken = model->take_layer(*file, index); !taken) return taken.error();
    }
    return std::unique_ptr<const Model>(std::move(model));
}

Result<> SentenceEncoder::Model::take_embeddings(const Safetensors& file) {
    const auto words = file.tensor("embeddings.word_embeddings.weight", {vocabulary_size, sentence_width});
    if (!words) return words.error();
    const auto places = file.tensor("embeddings.position_embeddings.weight", {positions, sentence_width});
    if (!places) return places.error();
    const auto types = file.tensor("embeddings.token_type_embeddings.weight", {2, sentence_width});
    if (!types) return types.error();
    words_.assign(words->begin(), words->end());
    places_.assign(places->begin(), places->begin() + pieces_max * sentence_width);
    for (std::size_t at = 0; at < places_.size(); ++at) places_[at] += (*types)[at % sentence_width];
    auto norm = take_norm(file, "embeddings.LayerNorm");
    if (!norm) return norm.error();
    norm_embeddings_ = *norm;
    return {};
}

Result<> SentenceEncoder::Model::take_layer(const Safetensors& file, std::size_t index) {
    const std::string prefix = "encoder.layer." + std::to_string(index) + ".";
    Layer& layer = layers_[index];
    struct Wanted {
        Dense& place;
        std::string_view name;
        std::size_t out, in;
    };
    for (const Wanted& wanted : {Wanted{layer.query, "attention.self.query", sentence_width, sentence_width},
                                 Wanted{layer.key, "attention.self.key", sentence_width, sentence_width},
                                 Wanted{layer.value, "attention.self.value", sentence_width, sentence_width},
                                 Wanted{layer.output, "attention.output.dense", sentence_width, sentence_width},
                                 Wanted{layer.inner, "intermediate.dense", inner_width, sentence_width},
                                 Wanted{layer.outer, "output.dense", sentence_width, inner_width}}) {
        auto dense = take_dense(file, prefix + std::string(wanted.name), wanted.out, wanted.in);
        if (!dense) return dense.error();
        wanted.place = *dense;
    }
    auto attention = take_norm(file, prefix + "attention.output.LayerNorm");
    if (!attention) return attention.error();
    auto output = take_norm(file, prefix + "output.LayerNorm");
    if (!output) return output.error();
    layer.norm_attention = *attention;
    layer.norm_output = *output;
    return {};
}

// Matrices are kept in 8 bits a weight with a scale per 32: a quarter of the memory and the time, and the vectors stay
// within a cosine of 0.999 of the full ones (unit_ai).
Result<ggml_tensor*> SentenceEncoder::Model::take(const Safetensors& file, const std::string& name, std::size_t rows,
                                                  std::size_t columns) {
    const auto numbers = rows == 1 ? file.tensor(name, {columns}) : file.tensor(name, {rows, columns});
    if (!numbers) return numbers.error();
    const auto type = rows == 1 ? GGML_TYPE_F32 : GGML_TYPE_Q8_0;
    ggml_tensor* tensor = rows == 1 ? ggml_new_tensor_1d(weights_.get(), type, static_cast<std::int64_t>(columns))
                                    : ggml_new_tensor_2d(weights_.get(), type, static_cast<std::int64_t>(columns),
                                                         static_cast<std::int64_t>(rows));
    ggml_quantize_chunk(type, numbers->data(), tensor->data, 0, static_cast<std::int64_t>(rows),
                        static_cast<std::int64_t>(columns), nullptr);
    return tensor;
}

Result<Dense> SentenceEncoder::Model::take_dense(const Safetensors& file, const std::string& name, std::size_t out,
                                                 std::size_t in) {
    const auto weight = take(file, name + ".weight", out, in);
    if (!weight) return weight.error();
    const auto bias = take(file, name + ".bias", 1, out);
    if (!bias) return bias.error();
    return Dense{*weight, *bias};
}

Result<Dense> SentenceEncoder::Model::take_norm(const Safetensors& file, const std::string& name) {
    const auto weight = take(file, name + ".weight", 1, sentence_width);
    if (!weight) return weight.error();
    const auto bias = take(file, name + ".bias", 1, sentence_width);
    if (!bias) return bias.error();
    return Dense{*weight, *bias};
}

ggml_tensor* SentenceEncoder::Model::embed(ggml_context* work, std::span<const std::int32_t> ids) const {
    ggml_tensor* input = ggml_new_tensor_2d(work, GGML_TYPE_F32, width, static_cast<std::int64_t>(ids.size()));
    auto* out = static_cast<float*>(input->data);
    for (std::size_t at = 0; at < ids.size(); ++at) {
        const float* word = words_.data() + static_cast<std::size_t>(ids[at]) * sentence_width;
        const float* place = places_.data() + at * sentence_width;
        for (std::size_t i = 0; i < sentence_width; ++i) *out++ = word[i] + place[i];
    }
    return normalise(work, norm_embeddings_, input);
}

Result<SentenceVector> SentenceEncoder::Model::encode(std::string_view sentence) const {
    Context workspace = lend_workspace();
    if (!workspace) return Error{Errc::unavailable, "there is no memory to read the sentence with"};
    ggml_context* work = workspace.get();
    ggml_tensor* pieces = embed(work, pieces_.encode(sentence, pieces_max));
    for (const Layer& layer : layers_) pieces = run_layer(work, layer, pieces);
    ggml_cgraph* graph = ggml_new_graph_custom(work, graph_nodes, false);
    ggml_build_forward_expand(graph, pieces);
    if (ggml_graph_compute_with_ctx(work, graph, 1) != GGML_STATUS_SUCCESS) {
        return Error{Errc::internal, "the sentence encoder did not finish"};
    }
    const SentenceVector vector = mean_of_length_one(pieces);
    take_back(std::move(workspace));
    return vector;
}

Context SentenceEncoder::Model::lend_workspace() const {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            Context workspace = std::move(idle_.back());
            idle_.pop_back();
            ggml_reset(workspace.get());
            return workspace;
        }
    }
    return Context(ggml_init({workspace_bytes, nullptr, false}));
}

void SentenceEncoder::Model::take_back(Context workspace) const {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(workspace));
}

SentenceEncoder::SentenceEncoder(std::unique_ptr<const Model> model) : model_(std::move(model)) {}
SentenceEncoder::SentenceEncoder(SentenceEncoder&&) noexcept = default;
SentenceEncoder& SentenceEncoder::operator=(SentenceEncoder&&) noexcept = default;
SentenceEncoder::~SentenceEncoder() = default;

Result<SentenceEncoder> SentenceEncoder::load(const std::filesystem::path& folder,
                                              std::span<const EncoderAdapter> adapters) {
    auto model = Model::load(folder, adapters);
    if (!model) return model.error();
    return SentenceEncoder(std::move(*model));
}

Result<SentenceVector> SentenceEncoder::encode(std::string_view sentence) const {
    return model_->encode(sentence);
}

}  // namespace carevoice::ai
