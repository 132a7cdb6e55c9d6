using System.Globalization;
using Raywright.Bench.Serving;

// serving ROUNDS SECONDS PROGRAMS FLOORS MODEL_FOLDER ROOT [PYTHON [ray]]
//   PROGRAMS: a published build (raywright, server/raywright-server); FLOORS: the program of bench/Floors, Release.
// Each round starts every server anew on core 0; this program is meant to run on core 1 (taskset -c 1).
if (args is not [var rounds, var seconds, var programs, var floors, var model, var root, .. var rest])
{
    Console.Error.WriteLine("serving ROUNDS SECONDS PROGRAMS FLOORS MODEL_FOLDER ROOT [PYTHON [ray]]");
    return 1;
}
Subjects subjects = new(programs, floors, rest is [var python, ..] ? python : null, model, root, rest is [_, "ray"]);
TimeSpan duration = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
Dictionary<string, List<Measurement>> all = subjects.Names.ToDictionary(name => name, _ => new List<Measurement>());
for (int round = 1; round <= int.Parse(rounds, CultureInfo.InvariantCulture); round++)
{
    foreach (string name in subjects.Names)
    {
        using Subject subject = await subjects.StartAsync(name);
        Measurement measured = await Measurement.OfAsync(subject, duration);
        all[name].Add(measured);
        Console.Error.WriteLine($"round {round}: {name} {measured}");
    }
}
Console.Write(Report.Write(all));
return 0;
