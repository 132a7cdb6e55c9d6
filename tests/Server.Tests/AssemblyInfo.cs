using Xunit;

// What servers log belongs to the test that started them.
[assembly: CaptureConsole]

// One real Ray serves all tests that need one; it starts with the first of them.
[assembly: AssemblyFixture(typeof(Raywright.TestKit.Ray.RealRay))]
