using System.Globalization;
using Raywright.Bench.App;

// app first-page PROGRAMS MODEL_FOLDER ROUNDS
// app open-pages PROGRAMS MODEL_FOLDER ROUNDS SECONDS
//   PROGRAMS: a published build (raywright, server/raywright-server).
// The server runs on core 0. The browser of the first takes what it finds; the second is meant to run on core 1 (taskset -c 1).
if (args is not (["first-page", _, _, _] or ["open-pages", _, _, _, _]))
{
    Console.Error.WriteLine("app first-page PROGRAMS MODEL_FOLDER ROUNDS | app open-pages PROGRAMS MODEL_FOLDER ROUNDS SECONDS");
    return 1;
}
using AppSubject subject = await AppSubject.StartAsync(args[1], args[2]);
int rounds = int.Parse(args[3], CultureInfo.InvariantCulture);
Console.Write(args is [.., var seconds] && args.Length == 5
    ? await OpenPages.MeasureAsync(subject, rounds, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)))
    : await FirstPage.MeasureAsync(subject, rounds));
return 0;
