#include "ai/semantic_heads.h"

#include "core/text.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

namespace carevoice::ai {

namespace {

namespace json = boost::json;

constexpr std::size_t rank_max = 64;

/// Thrown while loading only, and turned into Errc::corrupt at its edge.
class Fault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

const json::value& member(const json::object& object, std::string_view name, std::string_view where) {
    const auto* value = object.if_contains(name);
    if (value == nullptr) throw Fault(std::string(where) + " lacks \"" + std::string(name) + "\"");
    return *value;
}

std::string text_of(const json::object& object, std::string_view name, std::string_view where) {
    const auto* text = member(object, name, where).if_string();
    if (text == nullptr || text->empty()) throw Fault(std::string(where) + ": " + std::string(name) + " is no text");
    return std::string(*text);
}

float number_of(const json::object& object, std::string_view name, std::string_view where) {
    boost::system::error_code failed;
    const auto number = member(object, name, where).to_number<double>(failed);
    if (failed || !std::isfinite(number)) throw Fault(std::string(where) + ": " + std::string(name) + " is no number");
    return static_cast<float>(number);
}

/// Numbers of 32 bits, little endian, in base64.
std::vector<float> floats_of(const json::object& object, std::string_view name, std::size_t count,
                             std::string_view where) {
    std::vector<std::uint8_t> bytes;
    if (!base64_decode(text_of(object, name, where), bytes) || bytes.size() != count * sizeof(float)) {
        throw Fault(std::string(where) + ": " + std::string(name) + " does not hold " + std::to_string(count) +
                    " numbers");
    }
    std::vector<float> floats(count);
    std::memcpy(floats.data(), bytes.data(), bytes.size());
    for (const float number : floats) {
        if (!std::isfinite(number)) throw Fault(std::string(where) + ": " + std::string(name) + " is not finite");
    }
    return floats;
}

/// Numbers of 8 bits with one scale for all of them: scale * n / 127.
std::vector<float> bytes_of(const json::object& object, std::string_view name, std::size_t count, float scale,
                            std::string_view where) {
    std::vector<std::uint8_t> bytes;
    if (!base64_decode(text_of(object, name, where), bytes) || bytes.size() != count) {
        throw Fault(std::string(where) + ": " + std::string(name) + " does not hold " + std::to_string(count) +
                    " numbers");
    }
    std::vector<float> floats;
    floats.reserve(count);
    for (const std::uint8_t byte : bytes) {
        floats.push_back(static_cast<float>(std::bit_cast<std::int8_t>(byte)) * scale / 127.0F);
    }
    return floats;
}

template <class Take>
void each(const json::object& document, std::string_view list, Take&& take) {
    const auto* entries = member(document, list, "the document").if_array();
    if (entries == nullptr) throw Fault(std::string(list) + " is no list");
    std::size_t number = 0;
    for (const auto& entry : *entries) {
        const std::string where = std::string(list) + "[" + std::to_string(number++) + "]";
        if (!entry.is_object()) throw Fault(where + " is no object");
        take(entry.get_object(), where);
    }
}

SentenceVector vector_from(const std::vector<float>& numbers) {
    SentenceVector vector{};
    std::copy(numbers.begin(), numbers.end(), vector.begin());
    return vector;
}

EncoderAdapter read_adapter(const json::object& entry, const std::string& where) {
    EncoderAdapter adapter;
    adapter.tensor = text_of(entry, "tensor", where);
    const auto size = [&](std::string_view name, std::size_t most) {
        const float given = number_of(entry, name, where);
        if (given < 1 || given > static_cast<float>(most)) throw Fault(where + ": " + std::string(name) + " is odd");
        return static_cast<std::size_t>(given);
    };
    adapter.rank = size("rank", rank_max);
    adapter.rows = size("rows", 4 * sentence_width);
    adapter.columns = size("columns", 4 * sentence_width);
    adapter.down =
        bytes_of(entry, "down", adapter.rank * adapter.columns, number_of(entry, "down_scale", where), where);
    adapter.up = bytes_of(entry, "up", adapter.rows * adapter.rank, number_of(entry, "up_scale", where), where);
    return adapter;
}

SemanticHead read_head(const json::object& entry, const std::string& where) {
    return {.concept_id = text_of(entry, "concept", where),
            .weights = vector_from(floats_of(entry, "weights", sentence_width, where)),
            .bias = number_of(entry, "bias", where),
            .threshold = number_of(entry, "threshold", where)};
}

SemanticExample read_example(const json::object& entry, const std::string& where) {
    return {.concept_id = text_of(entry, "concept", where),
            .text = text_of(entry, "text", where),
            .vector = vector_from(bytes_of(entry, "vector", sentence_width, number_of(entry, "scale", where), where))};
}

}  // namespace

Result<SemanticHeads> load_semantic_heads(std::string_view text) {
    try {
        boost::system::error_code failed;
        const auto document = json::parse(text, failed);
        if (failed || !document.is_object()) throw Fault("it is no JSON object");
        SemanticHeads heads;
        const auto& object = document.get_object();
        each(object, "adapters",
             [&](const auto& entry, const auto& where) { heads.adapters.push_back(read_adapter(entry, where)); });
        each(object, "heads",
             [&](const auto& entry, const auto& where) { heads.heads.push_back(read_head(entry, where)); });
        each(object, "examples",
             [&](const auto& entry, const auto& where) { heads.examples.push_back(read_example(entry, where)); });
        return heads;
    } catch (const Fault& fault) {
        return Error{Errc::corrupt, std::string("protocols/semantic_reader.json: ") + fault.what()};
    }
}

}  // namespace carevoice::ai
