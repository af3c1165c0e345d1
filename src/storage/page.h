// Lists in pieces.
#pragma once

#include <string>
#include <vector>

namespace carevoice::storage {

/// One page of a list. `cursor` continues after the last item; empty when there is no more.
template <class Item>
struct Page {
    std::vector<Item> items;
    std::string cursor;
};

struct PageRequest {
    int limit = 50;      ///< 1 to 200
    std::string cursor;  ///< from the page before; empty for the first
};

}  // namespace carevoice::storage
