print("Hello, network")
