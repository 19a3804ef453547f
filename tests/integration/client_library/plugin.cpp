#include <ringhold/client.h>

extern "C" bool plugin_connect(const char* address) {
  return ringhold::Client::connect({.address = address}).ok();
}
