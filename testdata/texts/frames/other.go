package main

var table = map[string][]int{"a": {1}, "b": {2, 3}}
var z = wrap1(777)
