require('rejoinder.plugin')
