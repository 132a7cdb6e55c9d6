Console.WriteLine("raywright");
