using Raywright.TestKit.Ray;
using Xunit;

// One head for all tests of a run.
[assembly: AssemblyFixture(typeof(RealRay))]
