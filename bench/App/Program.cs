using System.Globalization;
using Raywright.Bench.App;

// app ROUNDS SECONDS PROGRAMS MODEL_FOLDER
//   PROGRAMS: a published build (raywright, server/raywright-server).
// The server runs on core 0; this program, with its pages and its browser, is meant to run on core 1 (taskset -c 1).
if (args is not [var rounds, var seconds, var programs, var model])
{
    Console.Error.WriteLine("app ROUNDS SECONDS PROGRAMS MODEL_FOLDER");
    return 1;
}
using AppSubject subject = await AppSubject.StartAsync(programs, model);
int times = int.Parse(rounds, CultureInfo.InvariantCulture);
Console.Write(await FirstPage.MeasureAsync(subject, times));
Console.WriteLine();
Console.Write(await OpenPages.MeasureAsync(subject, times, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))));
return 0;
