#include "CSupd.h"
