using Xunit;

// What servers log belongs to the test that started them.
[assembly: CaptureConsole]
