mkdir custom-supd
cd custom-supd
mkdir -p Sources/Greeter Sources/mysupd Tests/GreeterTests
